import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { connect } from '../../src/store/sqlite.ts';
import { cli } from '../support/cli.ts';
import type { CliOptions } from '../support/cli.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { until } from '../support/wait.ts';

const DAY = 86_400_000;
/** Old enough to be there, and too young for the service to sweep it away. */
const T0 = Math.floor(Date.now() / DAY) * DAY - 2 * DAY;
const at = (ms: number) => new Date(T0 + ms).toISOString();
const BEGIN = formatTimestamp(T0);
const END = formatTimestamp(T0 + DAY);
const stream = { DomainName: 'live.local', AppName: 'live', StreamName: 'cam1', LiveStreamType: 'publisher' };

let sluice: TestService;
let scratch: string;
beforeAll(async () => {
  sluice = await startTestService();
  scratch = await mkdtemp(join(tmpdir(), 'sluice-audit-'));
});
afterAll(async () => {
  await sluice[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true });
});

const audit = (line: string, options: CliOptions = {}) =>
  cli(['audit', ...line.split(' '), '--data', sluice.data], options);
const linesOf = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const positionOf = (err: string) => /--after (\S+)\n$/.exec(err)?.[1] ?? 'none';

/** Old lines, past the service: every third is a read, two in a millisecond. */
async function fill(count: number): Promise<void> {
  for (const [file, table, kind, where] of [
    ['sluice.db', 'audit', 'write', 'i % 3 > 0'],
    ['sluice-log.db', 'read_audit', 'read', 'i % 3 = 0'],
  ]) {
    const connection = await connect(join(sluice.data, String(file)));
    connection.exec(`pragma busy_timeout = 5000;
      delete from ${table} where at < ${T0 + DAY};
      with recursive n(i) as (select 0 union all select i + 1 from n where i < ${count - 1})
      insert into ${table} (at, request_id, action, account_id, client_address, status, kind, effect)
      select ${T0} + i / 2, printf('R%06d', i), 'A', '1', '192.0.2.1', 200, '${kind}', '{"N":' || i || '}'
      from n where ${where}`);
    connection.close();
  }
}

const idsOf = (text: string) => linesOf(text).map(({ CallId }) => CallId);
const expectedIds = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `R${String(from + index).padStart(6, '0')}`);

describe('sluice audit export', () => {
  it('writes what a call left, in the words of the API and with milliseconds', async () => {
    const before = Date.now();
    const { body } = await sluice.call('ForbidLiveStream', stream);
    await sluice.call('DescribeLiveStreamBlocks', {});
    const find = async () => linesOf((await audit('export --to 2100-01-01T00:00:00Z')).out);
    await until(async () => (await find()).length >= 2, 'both lines');
    const [forbid, describe] = (await find()).slice(-2);
    expect(forbid).toEqual({
      Time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      AccountId: expect.stringMatching(/^\d{16}$/) as string,
      CallId: body['RequestId'],
      Action: 'ForbidLiveStream',
      Kind: 'write',
      Actor: 'root',
      AccessKeyId: sluice.key.accessKeyId,
      SourceIp: '127.0.0.1',
      Target: 'live.local/live/cam1',
      Result: 'Success',
      HttpStatus: 200,
      Effect: { Outcome: 'Blocked', Publishers: 0, Players: 0 },
    });
    expect(Date.parse(String(forbid?.['Time']))).toBeGreaterThanOrEqual(before);
    expect(describe).toMatchObject({ Action: 'DescribeLiveStreamBlocks', Kind: 'read' });
    // What is this young may not have arrived whole: without an end it waits.
    expect((await audit('export')).out).toBe('');
  });

  it('writes both files as one, oldest first, page by page, and says how many', async () => {
    await fill(2500);
    const chunks: string[] = [];
    const { code, out, err } = await audit(`export --from ${BEGIN} --to ${END}`, {
      seen: (text) => chunks.push(text),
    });
    expect(code).toBe(0);
    expect(idsOf(out)).toEqual(expectedIds(0, 2500));
    expect(err).toMatch(/^sluice: exported 2500 lines up to \S+Z\nsluice: go on with --after \S+\n$/);
    expect(chunks.map((chunk) => linesOf(chunk).length)).toEqual([1000, 1000, 500]);
    expect(linesOf(out)[7]).toMatchObject({ Effect: { N: 7 }, Time: at(3) });
  });

  it('filters by kind, account and time', async () => {
    await fill(90);
    const counted = async (line: string) => linesOf((await audit(`export ${line} --to ${END}`)).out).length;
    expect(await counted('--kind write')).toBe(60);
    expect(await counted('--kind read')).toBe(30);
    expect(await counted('--kind denied')).toBe(0);
    expect(await counted('--account 1')).toBe(90);
    expect(await counted('--account 2')).toBe(0);
    expect(await counted(`--from ${formatTimestamp(T0 + 1000)}`)).toBe(0);
  });

  it('goes on in the file where it ended, without a gap or a repetition', async () => {
    await fill(1500);
    const output = join(scratch, 'audit.jsonl');
    const first = await audit(`export --to ${END} --output ${output}`);
    expect(first).toMatchObject({ code: 0, out: '' });
    expect((await stat(output)).mode & 0o777).toBe(0o600);
    const again = await audit(`export --to ${END} --output ${output}`);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/is there already: name another file, or go on in it with --after/);
    await fill(2600);
    const after = positionOf(first.err);
    const second = await audit(`export --to ${END} --output ${output} --after ${after}`);
    expect(second.err).toMatch(/^sluice: exported 1100 lines /);
    expect(idsOf(await readFile(output, 'utf8'))).toEqual(expectedIds(0, 2600));
    const third = await audit(`export --to ${END} --after ${positionOf(second.err)}`);
    expect(third).toMatchObject({ code: 0, out: '' });
    expect(positionOf(third.err)).toBe(positionOf(second.err));
  });

  it('narrows the mode of a file that it goes on in, and none that was torn', async () => {
    await fill(1);
    const { err } = await audit(`export --to ${END}`);
    const output = join(scratch, 'wide.jsonl');
    await writeFile(output, '{}\n');
    await chmod(output, 0o644);
    expect((await audit(`export --to ${END} --output ${output} --after ${positionOf(err)}`)).code).toBe(0);
    expect((await stat(output)).mode & 0o777).toBe(0o600);
    await writeFile(output, '{}\n{"Time":');
    const torn = await audit(`export --to ${END} --output ${output} --after ${positionOf(err)}`);
    expect(torn.code).toBe(1);
    expect(torn.err).toMatch(/ends in the middle of a line/);
  });

  it('ends with a whole line and its position when it is stopped', async () => {
    await fill(5000);
    const stop = new AbortController();
    let pages = 0;
    const stopped = await audit(`export --to ${END}`, {
      stop: stop.signal,
      seen: () => {
        pages += 1;
        if (pages === 2) stop.abort();
      },
    });
    expect(stopped.code).toBe(1);
    expect(stopped.out.endsWith('\n')).toBe(true);
    expect(stopped.err).toMatch(/^sluice: exported 2000 lines and no more: it was stopped\n/);
    const rest = await audit(`export --to ${END} --after ${positionOf(stopped.err)}`);
    expect([...idsOf(stopped.out), ...idsOf(rest.out)]).toEqual(expectedIds(0, 5000));
  });

  it('writes the sums of what has no caller', async () => {
    const connection = await connect(join(sluice.data, 'sluice-log.db'));
    connection.exec(`pragma busy_timeout = 5000;
      insert into anonymous_calls values (${T0}, '192.0.2.9', 7), (${T0}, '192.0.2.8', 5);
      insert into refused_publishes values
        (${T0 + 60_000}, '192.0.2.9', 'a/b/c', 'blocked', 3), (${T0}, '192.0.2.9', 'a/b/c', 'blocked', 2),
        (${T0}, '192.0.2.9', 'a/b/c', 'busy', 1)`);
    connection.close();
    const anonymous = await audit('export --kind anonymous');
    expect(linesOf(anonymous.out)).toEqual([
      { Time: at(0), SourceIp: '192.0.2.8', Calls: 5 },
      { Time: at(0), SourceIp: '192.0.2.9', Calls: 7 },
    ]);
    const refused = await audit('export --kind refused');
    const common = { SourceIp: '192.0.2.9', Target: 'a/b/c' };
    expect(linesOf(refused.out)).toEqual([
      { Time: at(0), ...common, Problem: 'blocked', Attempts: 2 },
      { Time: at(0), ...common, Problem: 'busy', Attempts: 1 },
      { Time: at(60_000), ...common, Problem: 'blocked', Attempts: 3 },
    ]);
    for (const { err } of [anonymous, refused]) {
      const kind = err === anonymous.err ? 'anonymous' : 'refused';
      expect((await audit(`export --kind ${kind} --after ${positionOf(err)}`)).out).toBe('');
    }
    const mixed = await audit(`export --kind anonymous --after ${positionOf(refused.err)}`);
    expect(mixed.err).toMatch(/the position is of an export of refused and not of anonymous/);
  });

  it.each([
    ['export --from yesterday', 2, /--from must be of the form/],
    ['export --to 2020-13-01T00:00:00Z', 2, /--to must be of the form/],
    ['export --kind everything', 2, /Allowed choices are calls, write/],
    ['export --kind anonymous --account 1', 2, /belong to no account/],
    ['export --after nonsense', 1, /nonsense is no position/],
    ['export --output /nowhere/at/all', 1, /cannot be opened/],
    ['list --limit 0', 2, /--limit must be a number from 1 to 1000/],
  ])('says what is wrong: %s', async (line, code, message) => {
    const result = await audit(line);
    expect(result.code).toBe(code);
    expect(result.err).toMatch(message);
  });

  it('leaves no file behind when there is no store', async () => {
    const output = join(scratch, 'none.jsonl');
    const result = await cli(['audit', 'export', '--output', output, '--data', join(scratch, 'no-store')]);
    expect(result.err).toMatch(/there is no store in/);
    await expect(stat(output)).rejects.toThrow('ENOENT');
  });
});

describe('sluice audit list', () => {
  it('shows the newest calls as a table', async () => {
    const { body } = await sluice.call('ResumeLiveStream', stream);
    const rows = async (line: string) => (await audit(line)).out.split('\n').slice(0, -1);
    await until(
      async () => (await rows('list --kind write')).some((row) => row.includes(String(body['RequestId']))),
      '',
    );
    const [head, newest] = await rows('list --kind write --limit 1');
    expect(head).toMatch(/^Time +Account +Action +Actor +Target +Result +Source +CallId$/);
    expect(newest).toMatch(
      /^\S+Z +\d{16} +ResumeLiveStream +root +live\.local\/live\/cam1 +Success +127\.0\.0\.1 +\S+$/,
    );
    expect(await rows('list --limit 3')).toHaveLength(4);
    expect(await rows('list --account 7')).toHaveLength(1);
  });

  it('lets no caller move the cursor of who reads it', async () => {
    const StreamName = 'a\u009b2Jb\u001b[2J';
    await sluice.call('ForbidLiveStream', { ...stream, StreamName });
    await until(async () => (await audit('list')).out.includes('2Jb'), 'the line');

    expect((await audit('list')).out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});
