import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cli } from '../support/cli.ts';
import type { CliResult } from '../support/cli.ts';
import { commandsOf, wordsOf, writeNamedFiles } from '../support/doc-commands.ts';
import { startTestService } from '../support/service.ts';

const PAGE = join(import.meta.dirname, '../../docs/2-use/accounts-and-access.md');
const ID_OF_THE_PAGE = '1968132000120001';

/** What a reader of the page does by hand: keeps a new key in a file. */
const KEPT: Record<string, string> = { CreateAccessKey: 'alice.json', AssumeRole: 'session.json' };

async function keep(folder: string, words: readonly string[], { out }: CliResult): Promise<void> {
  const name = Object.entries(KEPT).find(([action]) => words.includes(action))?.[1];
  if (name === undefined) return;
  const answer = JSON.parse(out) as Record<string, Record<string, string>>;
  const key = answer['AccessKey'] ?? answer['Credentials'];
  const { AccessKeyId: accessKeyId, AccessKeySecret: accessKeySecret, SecurityToken: securityToken } = key!;
  await writeFile(join(folder, name), JSON.stringify({ accessKeyId, accessKeySecret, securityToken }));
}

it('runs every line of the page on accounts and access', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-access-'));
  await using sluice = await startTestService();
  const env = { SLUICE_DATA: sluice.data, SLUICE_ENDPOINT: sluice.endpoint };
  const { body } = await sluice.call('GetCallerIdentity', {});
  const page = (await readFile(PAGE, 'utf8')).replaceAll(ID_OF_THE_PAGE, String(body['AccountId']));
  writeNamedFiles(page, folder);

  const simulated: unknown[] = [];
  const commands = commandsOf(page);
  for (const { line, code } of commands) {
    // A shell evaluates what `keys session --shell` prints; sessions.test.ts does.
    const command = line.replace(/^eval "\$\((.*)\)"$/, '$1');
    const words = wordsOf(command, folder);
    const argv = words.map((word) => (/^[\w-]+\.json$/.test(word) ? join(folder, word) : word));
    const result = await cli(argv, { env });
    expect({ line, code: result.code, err: result.code === 0 ? '' : result.err }).toEqual({
      line,
      code: code === undefined ? 0 : 1,
      err: code === undefined ? '' : (expect.stringContaining(`"Code": "${code}"`) as string),
    });
    await keep(folder, words, result);
    if (words.includes('SimulatePolicy')) simulated.push(JSON.parse(result.out));
  }
  expect(commands.length).toBeGreaterThan(40);
  expect(simulated).toMatchObject([
    { Decision: 'Allow', DecidedBy: { StatementIndex: 0 } },
    { Decision: 'ExplicitDeny', DecidedBy: { StatementIndex: 1 } },
  ]);

  const keys = await sluice.call('ListAccessKeys', { UserName: 'alice' });
  const { AccessKey } = keys.body['AccessKeys'] as { AccessKey: { AccessKeyId: string }[] };
  for (const { AccessKeyId: UserAccessKeyId } of AccessKey)
    await sluice.call('DeleteAccessKey', { UserName: 'alice', UserAccessKeyId });
  expect((await sluice.call('DeleteUser', { UserName: 'alice' })).status).toBe(200);
  await rm(folder, { recursive: true });
});
