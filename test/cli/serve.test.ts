import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { KeyPair } from '../../src/app/root-key.ts';
import { cli } from '../support/cli.ts';
import type { CliResult } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Serves until it is ready, on free ports. */
function serve(data: string, isTerminal: boolean): Promise<CliResult> {
  const ports = ['--api-port', '0', '--rtmp-port', '0', '--internal-port', '0', '--api-host', '127.0.0.1'];
  // Aborted before it starts: it stops as soon as it is ready.
  const stop = AbortSignal.abort();
  return cli(['serve', '--data', data, '--log-level', 'silent', ...ports], { isTerminal, stop });
}

it('the root key is shown at the first start, once, and to a terminal only', async () => {
  await using folder = await temporaryFolder();
  const secretIn = async (data: string): Promise<string> =>
    (JSON.parse(await readFile(join(data, 'root-key.json'), 'utf8')) as KeyPair).accessKeySecret;

  const quiet = join(folder.path, 'quiet');
  expect(await serve(quiet, false)).toEqual({ code: 0, out: '', err: '' });

  const shown = join(folder.path, 'shown');
  const first = await serve(shown, true);
  expect(first.code).toBe(0);
  expect(first.err).toContain(await secretIn(shown));
  expect(await serve(shown, true)).toEqual({ code: 0, out: '', err: '' });
});
