import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exampleOf } from '../../src/operations/derive/describe.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { API_VERSIONS } from '../../src/operations/products.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';
import { inAccount, inRootAccount } from '../support/accounts.ts';
import type { InAccount } from '../support/accounts.ts';
import { startApi } from '../support/api-harness.ts';
import type { Api } from '../support/api-harness.ts';
import { readyToCall } from '../support/example-calls.ts';
import { badValues, exampleCall, parametersOf } from '../support/operation-examples.ts';
import { disableKey } from '../support/accounts.ts';
import { expectCode } from '../support/operation-blocks.ts';

const root = join(import.meta.dirname, '../..');
const folderOf = ({ product, testMode }: Operation): string =>
  testMode ? 'test-mode/' : product === 'live' ? '' : `${product}/`;
const pageFolderOf = ({ product }: Operation): string => (product === 'live' ? '' : `${product}/`);

let api: Api;
beforeAll(async () => {
  api = await startApi({ gateway: { testMode: true } });
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(() => api.clock.advance(61_000));

it('lists every operation file once', () => {
  const files = ['', 'ram', 'sts', 'test-mode'].flatMap((folder) =>
    readdirSync(join(root, 'src/operations', folder)).filter((file) => /^[A-Z]/.test(file)),
  );
  const names = OPERATIONS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect([...names].sort()).toEqual(files.map((file) => file.replace('.ts', '')).sort());
});

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
  '%s',
  (name, operation) => {
    const params = exampleCall(operation);
    const isWriting = operation.kind === 'write';
    let made: InAccount;
    beforeEach(async () => {
      made = operation.product === 'live' ? inRootAccount(api) : await inAccount(api);
    });

    describe('papers', () => {
      it('has its file, its contract test with four blocks, and its page', () => {
        expect(existsSync(join(root, `src/operations/${folderOf(operation)}${name}.ts`))).toBe(true);
        const file = join(root, `test/operations/${folderOf(operation)}${name}.test.ts`);
        const test = readFileSync(file, 'utf8');
        for (const block of ['parameters', 'permission', 'limits', 'behaviour'])
          expect(test).toContain(`describe('${block}'`);
        // These look whether every declared error was produced.
        expect(test).toMatch(/eachIn|eachWithAnAccount|expectEveryCodeProduced/);
      });

      it('has its page, its samples and its line in COVERAGE.md', () => {
        const folder = pageFolderOf(operation);
        expect(existsSync(join(root, `docs/4-api/${folder}${name}.md`))).toBe(true);
        expect(existsSync(join(root, `docs/4-api/samples/${name}.md`))).toBe(true);
        expect(readFileSync(join(root, 'COVERAGE.md'), 'utf8')).toMatch(new RegExp(`\\b${name}\\b`));
      });

      it('documents itself: RAM action, doc, every parameter and every field', () => {
        expect(operation.ram.action).toBe(`${operation.product}:${name}`);
        expect(operation.summary.endsWith('.')).toBe(true);
        expect(operation.doc.length).toBeGreaterThan(80);
        expect(() => parametersOf(operation)).not.toThrow();
        const example = exampleOf(operation.response.shape);
        expect(operation.response.safeParse(example).success).toBe(true);
        // pop-core takes an answer with any other Code for an error.
        expect(example).not.toHaveProperty('Code');
      });
    });

    describe('answer', () => {
      it('has the declared fields and no others, in JSON', async () => {
        const ready = await readyToCall(made, name);
        const { status, json } = await made.call(name, ready.params, ready.as);
        expect({ status, json }).toMatchObject({ status: 200 });
        const { kind, target, effect } = api.audit.at(-1)!;
        // Whoever reads the trail must learn of what the change was.
        if (kind === 'write' && !operation.testMode)
          expect(effect ?? target?.replace(/\*$/, '')).toBeTruthy();
        const { RequestId, ...fields } = json;
        expect(RequestId).toMatch(/^[0-9A-F-]{36}$/);
        expect(strict(operation.response).safeParse(fields)).toMatchObject({ success: true });
      });

      it('has the same fields in XML', async () => {
        const ready = await readyToCall(made, name);
        const answer = await made.call(name, { ...ready.params, Format: 'XML' }, ready.as);
        expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/xml;charset=utf-8' } });
        const parsed = new XMLParser({ parseTagValue: false }).parse(answer.body) as Record<string, object>;
        const { [`${name}Response`]: fields = {} } = parsed;
        const known = ['RequestId', ...Object.keys(operation.response.shape)];
        expect(Object.keys(fields).filter((field) => !known.includes(field))).toEqual([]);
        expect(fields).toHaveProperty('RequestId');
      });
    });

    describe('parameters', () => {
      it('ignores those that it does not have', async () => {
        const ready = await readyToCall(made, name);
        const answer = await made.call(name, { ...ready.params, NoSuchThing: 'x' }, ready.as);
        expect(answer).toMatchObject({ status: 200 });
      });

      const required = parametersOf(operation).filter((parameter) => parameter.required);
      it.each(required)('needs $name', async ({ name: missing }) => {
        const { [missing]: _, ...rest } = params;
        await expectCode(made.call(name, rest), 400, `Missing${missing}`);
        api.clock.advance(1000);
        await expectCode(made.call(name, { ...rest, [missing]: '' }), 400, `Missing${missing}`);
      });

      it.each(
        parametersOf(operation).flatMap((parameter) =>
          badValues(operation, parameter).map((value) => [parameter.name, value]),
        ),
      )('refuses %s=%j', async (parameter, value) => {
        await expectCode(
          made.call(name, { ...params, [parameter]: value }),
          400,
          `Invalid${parameter}.Malformed`,
        );
      });
    });

    describe('authentication', () => {
      it('must be signed', async () => {
        const { target, ...raw } = api.sign(name, params);
        const version = API_VERSIONS[operation.product];
        const unsigned = `${target}${target.includes('?') ? '&' : '?'}Action=${name}&Version=${version}&Format=JSON`;
        const answer = await api.send({ ...raw, target: unsigned, headers: [['host', 'live.example.com']] });
        expect(answer).toMatchObject({ status: 400, json: { Code: 'MissingSignature' } });
      });

      it.each(['v1', 'v3'] as const)('refuses wrong, late and repeated signatures (%s)', async (scheme) => {
        const signed = { ...params, Format: 'JSON' };
        const call = (more: object) => made.call(name, signed, { scheme, ...more });
        await expectCode(call({ accessKeySecret: 'wrong' }), 400, 'SignatureDoesNotMatch');
        await expectCode(call({ accessKeyId: 'nobody' }), 404, 'InvalidAccessKeyId.NotFound');
        await expectCode(call({ date: '2020-01-01T00:00:00Z' }), 400, 'InvalidTimeStamp.Expired');
        await expectCode(call({ nonce: '' }), 400, 'MissingSignatureNonce');
        api.clock.advance(2000);
        const raw = api.sign(name, signed, { scheme, ...made.key });
        expect((await api.send(raw)).json['Code']).not.toBe('SignatureNonceUsed');
        await expectCode(api.send(raw), 400, 'SignatureNonceUsed');
      });

      it('refuses a key that was disabled', async () => {
        const key = await api.makeKey({ accountId: made.accountId });
        await disableKey(api, made.accountId, key.accessKeyId);
        await expectCode(made.call(name, params, key), 400, 'InvalidAccessKeyId.Inactive');
      });

      // Test mode keeps nothing over a restart.
      if (isWriting && !operation.testMode)
        it('refuses a repeated call after a restart', async () => {
          const ready = await readyToCall(made, name);
          const raw = api.sign(name, ready.params, ready.as ?? made.key);
          expect((await api.send(raw)).status).toBe(200);
          const again = await api.sendToAnother(raw);
          expect(again).toMatchObject({ status: 400, json: { Code: 'SignatureNonceUsed' } });
        });
    });

    if (!operation.ram.open)
      describe('permission', () => {
        const allow = (action: string) => ({ Effect: 'Allow', Action: action, Resource: '*' });
        const policy = (...Statement: object[]) => JSON.stringify({ Version: '1', Statement });

        it('is denied without a policy, and changes nothing', async () => {
          const ready = await readyToCall(made, name);
          const user = await made.userWith();
          const before = await stateOf(api);
          const answer = await made.call(name, ready.params, user);
          expect(answer).toMatchObject({
            status: 403,
            json: { Code: 'NoPermission', AccessDeniedDetail: { NoPermissionType: 'ImplicitDeny' } },
          });
          expect(await stateOf(api)).toEqual(before);
        });

        it('is denied by a policy that denies it, whatever others allow', async () => {
          const deny = { Effect: 'Deny', Action: operation.ram.action, Resource: '*' };
          const user = await made.userWith(policy(allow('*'), deny));
          expect(await made.call(name, params, user)).toMatchObject({
            status: 403,
            json: { Code: 'NoPermission', AccessDeniedDetail: { NoPermissionType: 'ExplicitDeny' } },
          });
        });

        it('is allowed by a policy that names its action, and no other', async () => {
          const ready = await readyToCall(made, name);
          const user = await made.userWith(policy(allow(operation.ram.action)));
          const answer = await made.call(name, ready.params, user);
          expect(answer.json['Code']).not.toBe('NoPermission');
          const other = await made.userWith(policy(allow('live:SomethingElse')));
          await expectCode(made.call(name, ready.params, other), 403, 'NoPermission');
        });
      });

    if (operation.ram.resource === 'domain')
      describe('domains', () => {
        it('refuses the domain of another account', async () => {
          const tenant = await inAccount(api);
          const call = tenant.call(name, { ...params, DomainName: 'play.example.com' });
          await expectCode(call, 403, 'IllegalOperation');
        });

        it('refuses a domain that is not registered, where they must be', async () => {
          await using strictApi = await startApi({ domains: { mode: 'registered' } });
          const call = strictApi.call(name, { ...params, DomainName: 'nowhere.example' });
          await expectCode(call, 404, 'InvalidDomain.NotFound');
        });
      });

    it('refuses the call that is one too many, and takes it later', async () => {
      // What throttling comes before is left out, so that ten thousand calls cost little.
      const call = () => made.call(name, { Format: 'JSON', PageNumber: 'x', MaxItems: 'x' });
      const { calls, perSeconds } = operation.limit;
      for (let times = 0; times < calls; times++)
        expect((await call()).json['Code']).not.toBe('Throttling.User');
      const refused = await call();
      expect(refused).toMatchObject({ status: 400, json: { Code: 'Throttling.User' } });
      const waitMs = Number(refused.headers['x-acs-retry-after']);
      expect(waitMs).toBe(Math.ceil((perSeconds * 1000) / calls));
      // Denied calls do not drain the account's limit, and another account has its own.
      const tenant = await inAccount(api);
      expect((await tenant.call(name, {})).json['Code']).not.toBe('Throttling.User');
      api.clock.advance(waitMs);
      const denied = await made.userWith();
      if (!operation.ram.open) await expectCode(made.call(name, {}, denied), 403, 'NoPermission');
      expect((await call()).json['Code']).not.toBe('Throttling.User');
      expect((await call()).json['Code']).toBe('Throttling.User');
    });
  },
);

/** What the store holds, but for the number of its last change. */
async function stateOf(of: Api) {
  const { seq: _, ...held } = await of.store.feed.snapshot();
  return held;
}

/** The schema with no room for fields that are not declared, on any level. */
function strict(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) return strict(schema.unwrap() as z.ZodType).optional();
  if (schema instanceof z.ZodArray) return z.array(strict(schema.element as z.ZodType));
  if (!(schema instanceof z.ZodObject)) return schema;
  const shape = Object.entries(schema.shape).map(
    ([key, field]) => [key, strict(field as z.ZodType)] as const,
  );
  return z.strictObject(Object.fromEntries(shape));
}
