import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopped } from '../serve.ts';
import type { Encoder } from './peers.ts';
import { pause, tryToPublish } from './script.ts';
import type { Scene } from './script.ts';
import { SAMPLE } from './stage.ts';
import type { Stage } from './stage.ts';

/** Goes on publishing, and coming back after each cut as encoders do, until the user stops it. */
export async function keepPublishing(scene: Scene, first: Encoder): Promise<void> {
  const { narrator, stop } = scene;
  const over = stopped(stop);
  let encoder: Encoder | undefined = first;
  while (encoder) {
    const end = await Promise.race([encoder.ended, over]);
    if (!end) return encoder.close();
    narrator.say(
      `the publisher was cut: ${end.code ?? end.error ?? 'no reason given'}; it tries again every second`,
    );
    encoder = await comeBack(scene);
  }
}

async function comeBack({ stage, narrator, stop }: Scene): Promise<Encoder | undefined> {
  while (!stop.aborted) {
    const attempt = await tryToPublish(stage);
    if ('encoder' in attempt) {
      narrator.say('the publisher was let in again');
      return attempt.encoder;
    }
    await pause(1000, { stage, stop }).catch(() => undefined);
  }
  return undefined;
}

/** Commands to paste while the demo goes on. */
export function whatNext(stage: Stage, invocation: string): string {
  const { api, keyFile, names, rtmpUrl, flvUrl, service } = stage;
  const call = (action: string): string =>
    [
      `  ${invocation} call ${action} --endpoint ${api.endpoint} --key-file ${keyFile}`,
      `    --DomainName ${names.DomainName} --AppName ${names.AppName} --StreamName ${names.StreamName}`,
      '    --LiveStreamType publisher',
    ].join(' \\\n');
  return `
The stream is live and the service goes on until Ctrl-C. In another terminal:

Watch it (any FLV or RTMP player):
  ffplay ${flvUrl}
  ffplay ${rtmpUrl}

Cut it and keep it out, then let it in again:
${call('ForbidLiveStream')}
${call('ResumeLiveStream')}

Publish another stream:
  ffmpeg -re -stream_loop -1 -i ${relative('', fileURLToPath(SAMPLE))} -c copy -f flv rtmp://127.0.0.1:${service.rtmpPort}/live/mine

Figures and health:
  curl http://127.0.0.1:${service.internalPort}/metrics
  curl http://127.0.0.1:${service.internalPort}/readyz

`;
}
