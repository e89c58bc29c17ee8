import { expect, it } from 'vitest';
import { OPERATIONS } from '../../src/operations/registry.ts';
import type { Api } from './api-harness.ts';

/** A call that would succeed. */
export interface GoodCall {
  readonly api: () => Api;
  readonly action: string;
  readonly params: () => Readonly<Record<string, string>>;
}

/** Tests of the block `permission`: what RAM is asked, and that a denial changes nothing. */
export function itAsksForPermission(
  { api, action, params }: GoodCall,
  resource: 'domain' | '*' | (() => readonly string[]),
): void {
  it('asks for its action on its resource', async () => {
    const { policy, call, accountId } = api();
    policy.asked.length = 0;
    await call(action, params());
    const domain = `:*:${accountId}:domain/play.example.com`;
    const ofDomain = resource === '*' ? ['*'] : [`acs:live${domain}`, `acs:cdn${domain}`];
    const resources = typeof resource === 'function' ? resource() : ofDomain;
    for (const asked of policy.asked)
      expect(asked).toMatchObject({
        principal: { kind: 'owner', accountId },
        action: ramActionOf(action),
      });
    expect(policy.asked[0]?.resources).toEqual(expect.arrayContaining([...resources]));
  });

  it('is denied with the details of the denial', async () => {
    const { policy, call, accountId } = api();
    policy.decision = 'implicit-deny';
    const answer = await call(action, params()).finally(() => (policy.decision = undefined));
    expect(answer).toMatchObject({
      status: 403,
      json: {
        Code: 'NoPermission',
        AccessDeniedDetail: {
          AuthAction: ramActionOf(action),
          AuthPrincipalOwnerId: accountId,
          NoPermissionType: 'ImplicitDeny',
        },
      },
    });
  });
}

function ramActionOf(action: string): string | undefined {
  return OPERATIONS.find(({ name }) => name === action)?.ram.action;
}

/** Tests of the block `limits`; that declared limits are kept is tested for all operations in registry.test.ts. */
export function itIsLimitedTo(action: string, limit: { calls: number; perSeconds: number }): void {
  it(`allows ${limit.calls} calls in ${limit.perSeconds} s`, () => {
    expect(OPERATIONS.find(({ name }) => name === action)?.limit).toEqual(limit);
  });
}

/** Expects a call to be refused with a code. */
export async function expectCode(
  answer: Promise<{ status: number; json: unknown }>,
  status: number,
  code: string,
) {
  expect(await answer).toMatchObject({ status, json: { Code: code } });
}
