import { describe, expect, it } from 'vitest';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { eachWithAnAccount } from '../support/accounts.ts';
import type { InAccount } from '../support/accounts.ts';
import { expectCode, itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';

const action = 'DescribeAuditRecords';
type Entry = Readonly<Record<string, string | number>>;
type Params = Readonly<Record<string, string>>;

let made: InAccount;
eachWithAnAccount((account) => (made = account));

const DAY = 86_400;
const at = (seconds: number) => formatTimestamp(made.api.clock.now() + seconds * 1000);
const domain = () => `a${made.accountId}.example.com`;
const names = (more: Params = {}): Params => ({
  DomainName: domain(),
  AppName: 'live',
  StreamName: 'room1',
  LiveStreamType: 'publisher',
  ...more,
});

interface Page {
  readonly entries: readonly Entry[];
  readonly token: string | undefined;
}

async function page(params: Params = {}, as: InAccount['call'] = made.call): Promise<Page> {
  const { status, json } = await as(action, params);
  expect(status, JSON.stringify(json)).toBe(200);
  const { AuditRecords, NextToken } = json as { AuditRecords: { AuditRecord: Entry[] }; NextToken?: string };
  return { entries: AuditRecords.AuditRecord, token: NextToken };
}

/** What is left of the entries after the questions about them. */
async function entries(params: Params = {}): Promise<readonly Entry[]> {
  return (await page(params)).entries.filter(({ Action }) => Action !== action);
}

/** The one user that {@link someCalls} makes, as an actor. */
const theUser = () => `user/${[...made.account().users.keys()].join()}`;

/** Calls of two kinds and four results; one minute between them, the oldest first. */
async function someCalls(): Promise<string[]> {
  const user = await made.userWith();
  const ids: string[] = [];
  for (const [name, params, key] of [
    ['ForbidLiveStream', names(), made.key],
    ['ForbidLiveStream', names(), made.key],
    ['DescribeLiveStreamBlocks', { DomainName: domain() }, made.key],
    ['ResumeLiveStream', names(), user],
    ['ResumeLiveStream', names({ AppName: '*' }), made.key],
  ] as const) {
    made.api.clock.advance(60_000);
    const answer = await made.call(name, params, { ...key, clientAddress: `192.0.2.${ids.length}` });
    ids.push(answer.json['RequestId'] as string);
  }
  return ids;
}

describe('parameters', () => {
  it.each([
    ['StartTime', '2026-01-01'],
    ['EndTime', 'now'],
    ['Result', 'Maybe'],
    ['Kind', 'anonymous'],
    ['MaxResults', '0'],
    ['MaxResults', '1001'],
    ['Target', 'x'.repeat(513)],
    ['NextToken', 'v1.AAAA'],
    ['NextToken', 'nonsense'],
  ])('refuses %s=%s', async (name, value) => {
    await expectCode(made.call(action, { [name]: value }), 400, `Invalid${name}.Malformed`);
  });

  it('refuses a span that is empty, backwards or longer than 400 days', async () => {
    const mismatch = (params: Params) =>
      expectCode(made.call(action, params), 400, 'InvalidEndTime.Mismatch');
    await mismatch({ StartTime: at(0), EndTime: at(0) });
    await mismatch({ StartTime: at(1), EndTime: at(0) });
    await mismatch({ StartTime: at(60) });
    await mismatch({ StartTime: at(-400 * DAY - 1), EndTime: at(0) });
    await page({ StartTime: at(-400 * DAY), EndTime: at(0) });
  });
});

describe('permission', () => {
  itAsksForPermission({ api: () => made.api, action, params: () => ({}) }, '*');

  it('is for users whose policy allows it', async () => {
    const allowed = await made.userWith(
      '{"Version":"1","Statement":[{"Effect":"Allow","Action":"live:DescribeAuditRecords","Resource":"*"}]}',
    );
    expect((await made.call(action, {}, allowed)).status).toBe(200);
    await expectCode(made.call(action, {}, await made.userWith()), 403, 'NoPermission');
  });
});

describe('limits', () => itIsLimitedTo(action, { calls: 10, perSeconds: 1 }));

describe('behaviour', () => {
  it('tells who called what from where, and what became of it', async () => {
    const ids = await someCalls();
    expect(await entries()).toEqual([
      {
        Time: at(0),
        CallId: ids[4],
        Action: 'ResumeLiveStream',
        Kind: 'write',
        Actor: 'root',
        AccessKeyId: made.key.accessKeyId,
        SourceIp: '192.0.2.4',
        Target: `${domain()}/*/room1`,
        Result: 'Success',
        HttpStatus: 200,
        Effect: '{"Resumed":1}',
      },
      expect.objectContaining({
        CallId: ids[3],
        Time: at(-60),
        Kind: 'denied',
        Actor: theUser(),
        Result: 'Denied',
        HttpStatus: 403,
        Code: 'NoPermission',
      }) as Entry,
      expect.objectContaining({ CallId: ids[2], Kind: 'read', Result: 'Success', Target: domain() }) as Entry,
      expect.objectContaining({
        CallId: ids[1],
        Result: 'Failed',
        HttpStatus: 400,
        Code: 'ConfigAlreadyExists',
        Effect: '{"Outcome":"AlreadyBlocked","Publishers":0,"Players":0}',
      }) as Entry,
      expect.objectContaining({
        CallId: ids[0],
        Result: 'Success',
        Target: `${domain()}/live/room1`,
        Effect: '{"Outcome":"Blocked","Publishers":0,"Players":0}',
      }) as Entry,
    ]);
  });

  it('filters', async () => {
    const ids = await someCalls();
    const found = async (params: Params) => {
      made.api.clock.advance(1000);
      return (await entries(params)).map(({ CallId }) => ids.indexOf(String(CallId))).reverse();
    };
    expect(await found({ Actor: theUser() })).toEqual([3]);
    expect(await found({ UserAccessKeyId: made.key.accessKeyId })).toEqual([0, 1, 2, 4]);
    expect(await found({ ActionName: 'ResumeLiveStream' })).toEqual([3, 4]);
    expect(await found({ Target: `${domain()}/live/room1` })).toEqual([0, 1, 3]);
    expect(await found({ Target: `${domain()}/live/room` })).toEqual([]);
    expect(await found({ Target: `${domain()}/live/*` })).toEqual([0, 1, 3]);
    expect(await found({ Target: `${domain()}*` })).toEqual([0, 1, 2, 3, 4]);
    expect(await found({ Result: 'Success' })).toEqual([0, 2, 4]);
    expect(await found({ Result: 'Failed' })).toEqual([1]);
    expect(await found({ Result: 'Denied' })).toEqual([3]);
    expect(await found({ Result: 'Unknown' })).toEqual([]);
    expect(await found({ Kind: 'write' })).toEqual([0, 1, 4]);
    expect(await found({ Kind: 'read' })).toEqual([2]);
    expect(await found({ Kind: 'denied' })).toEqual([3]);
    expect(await found({ ErrorCode: 'ConfigAlreadyExists' })).toEqual([1]);
    expect(await found({ SourceIp: '192.0.2.2' })).toEqual([2]);
    expect(await found({ CallId: ids[3] ?? '' })).toEqual([3]);
    expect(await found({ Result: 'Success', Kind: 'write', ActionName: 'ForbidLiveStream' })).toEqual([0]);
  });

  it('has the last 24 hours unless it is told otherwise, both ends inclusive', async () => {
    const [first = ''] = await someCalls();
    const has = async (params: Params = {}) => (await entries(params)).some(({ CallId }) => CallId === first);
    expect(await has()).toBe(true);
    expect(await has({ StartTime: at(-240) })).toBe(true);
    expect(await has({ StartTime: at(-239) })).toBe(false);
    expect(await has({ EndTime: at(-240) })).toBe(true);
    expect(await has({ EndTime: at(-241) })).toBe(false);
    made.api.clock.advance((DAY - 240) * 1000);
    expect(await has()).toBe(true);
    made.api.clock.advance(1000);
    expect(await has()).toBe(false);
    expect(await has({ StartTime: at(-2 * DAY) })).toBe(true);
  });

  it('pages without a gap or a repetition while calls go on', async () => {
    const ids = await someCalls();
    const seen: string[] = [];
    let token: string | undefined;
    for (let guard = 0; guard < 10 && (guard === 0 || token !== undefined); guard++) {
      const params = token === undefined ? {} : { NextToken: token };
      const got = await page({ ...params, MaxResults: '2' });
      expect(got.entries.length).toBeLessThanOrEqual(2);
      seen.push(...got.entries.map(({ CallId }) => String(CallId)));
      token = got.token;
      await made.call('ForbidLiveStream', names({ StreamName: `s${guard}` }));
      made.api.clock.advance(3_600_000);
    }
    expect(seen).toEqual([...ids].reverse());
  });

  it('takes a token for the same question of the same account only', async () => {
    await someCalls();
    const { token: NextToken = '' } = await page({ MaxResults: '1', Kind: 'write' });
    const isRefused = (params: Params, as = made.call) =>
      expectCode(as(action, params), 400, 'InvalidNextToken.Malformed');
    await isRefused({ NextToken });
    await isRefused({ NextToken, Kind: 'read' });
    await isRefused({ NextToken, Kind: 'write', EndTime: at(0) });
    await isRefused({ NextToken: `${NextToken.slice(0, -2)}AA`, Kind: 'write' });
    made.api.clock.advance(1000);
    await isRefused({ NextToken, Kind: 'write' }, (await made.otherAccount()).call);
    expect((await page({ NextToken, Kind: 'write', MaxResults: '7' })).entries).toHaveLength(2);
  });

  it('never shows another account anything', async () => {
    const ids = await someCalls();
    const other = await made.otherAccount();
    for (const params of [
      {},
      { CallId: ids[0] ?? '' },
      { Target: `${domain()}/live/room1` },
      { UserAccessKeyId: made.key.accessKeyId },
      { Actor: 'root' },
    ])
      expect((await page(params, other.call)).entries.filter(({ Action }) => Action !== action)).toEqual([]);
    // What another tries on my domain is in its trail, not in mine.
    await expectCode(other.call('ForbidLiveStream', names()), 403, 'IllegalOperation');
    expect(await entries({ ErrorCode: 'IllegalOperation' })).toEqual([]);
    const tried = await page({ ErrorCode: 'IllegalOperation' }, other.call);
    expect(tried.entries).toMatchObject([{ Action: 'ForbidLiveStream', Result: 'Failed' }]);
  });

  it('shows a call that was begun and never answered as unknown', async () => {
    const { accountId, key, api } = made;
    const requestId = 'A57FBFD7-FC9A-54FE-A876-4D5E19577186';
    const who = { accountId, accessKeyId: key.accessKeyId, requestId, at: api.clock.now(), actor: 'root' };
    const call = { action: 'ForbidLiveStream', target: domain(), clientAddress: '192.0.2.9' };
    await api.store.directory.beginCall({ ...who, ...call, nonce: requestId });
    expect(await entries({ Result: 'Unknown' })).toEqual([
      {
        Time: at(0),
        CallId: requestId,
        Action: 'ForbidLiveStream',
        Kind: 'write',
        Actor: 'root',
        AccessKeyId: key.accessKeyId,
        SourceIp: '192.0.2.9',
        Target: domain(),
        Result: 'Unknown',
      },
    ]);
  });
});
