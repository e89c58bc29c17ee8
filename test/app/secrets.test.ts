import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config.ts';
import { signUrl } from '../../src/app/sign-url.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import { recordingLogger } from '../support/log-lines.ts';
import { startTestService } from '../support/service.ts';

const MAIN_KEY = 'main-key-of-the-domain';
const BACKUP_KEY = 'backup-key-of-the-domain';

it('no secret reaches a log line, whatever the calls and peers bring', async () => {
  const { log, lines } = recordingLogger();
  const auth = { 'live.local': { mainKey: MAIN_KEY, backupKey: BACKUP_KEY, ttlSeconds: 60 } };
  const config = { domains: { auth } };
  await using sluice = await startTestService({ log, config });
  const stream = { DomainName: 'live.local', AppName: 'live', StreamName: 'cam1' };
  const masterKey = (await readFile(join(sluice.data, 'master.key'), 'utf8')).trim();

  const signed = signUrl(loadConfig({ env: { SLUICE_DOMAINS_AUTH: JSON.stringify(auth) } }), {
    url: 'rtmp://live.local/live/cam1',
    now: Date.now(),
    rand: 'r',
  });
  const authKey = new URL(signed.url).searchParams.get('auth_key') ?? '';
  const target = {
    host: '127.0.0.1',
    port: sluice.service.rtmpPort,
    app: 'live',
    tcUrl: 'rtmp://live.local/live',
  };
  const publisher = await connectRtmp({ mode: 'publish', ...target, stream: `cam1?auth_key=${authKey}` });
  const wrong = { mode: 'publish', ...target, stream: 'cam2?auth_key=1-2-3-wrong-auth-key' } as const;
  await expect(connectRtmp(wrong)).rejects.toThrow(/auth_key/);
  const flv = await fetch(`${sluice.endpoint}/live/cam1.flv?auth_key=wrong-auth-key`);
  expect(flv.status).toBe(403);
  await flv.text();

  await sluice.call('ForbidLiveStream', { ...stream, LiveStreamType: 'publisher', Reason: 'test' });
  await publisher.ended;
  await sluice.call('ForbidLiveStream', stream);
  await sluice.call('Nonsense', { AccessKeySecret: sluice.key.accessKeySecret });
  const unsigned = `${sluice.endpoint}/?Action=DescribeLiveStreamState&Signature=${sluice.key.accessKeySecret}`;
  await (await fetch(unsigned)).text();
  await sluice.service.close();

  const text = lines.join('');
  expect(lines.length).toBeGreaterThanOrEqual(8);
  expect(text).toContain('stream forbidden');
  const secrets = [sluice.key.accessKeySecret, masterKey, MAIN_KEY, BACKUP_KEY, authKey, 'wrong-auth-key'];
  for (const secret of secrets) expect(text).not.toContain(secret);
});
