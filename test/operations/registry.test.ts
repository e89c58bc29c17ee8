import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { exampleOf } from '../../src/operations/derive/describe.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';
import { startApi } from '../support/api-harness.ts';
import type { Api } from '../support/api-harness.ts';
import { badValues, exampleCall, parametersOf } from '../support/operation-examples.ts';
import { expectCode } from '../support/operation-blocks.ts';

const root = join(import.meta.dirname, '../..');
let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(() => api.clock.advance(61_000));

it('lists every operation file, in order, once', () => {
  const files = readdirSync(join(root, 'src/operations'))
    .filter((file) => /^[A-Z]/.test(file))
    .map((file) => file.replace('.ts', ''));
  const names = OPERATIONS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect([...names].sort()).toEqual(files.sort());
});

describe.each(OPERATIONS.map((operation) => [operation.name, operation] as const))(
  '%s',
  (name, operation) => {
    const params = exampleCall(operation);

    it('has its file, its contract test with four blocks, and its page', () => {
      expect(existsSync(join(root, `src/operations/${name}.ts`))).toBe(true);
      const test = readFileSync(join(root, `test/operations/${name}.test.ts`), 'utf8');
      for (const block of ['parameters', 'permission', 'limits', 'behaviour'])
        expect(test).toContain(`describe('${block}'`);
      expect(existsSync(join(root, `docs/4-api/${name}.md`))).toBe(true);
    });

    it('documents itself: RAM action, doc, every parameter and every field', () => {
      expect(operation.ram.action).toBe(`live:${name}`);
      expect(operation.summary.endsWith('.')).toBe(true);
      expect(operation.doc.length).toBeGreaterThan(80);
      expect(() => parametersOf(operation)).not.toThrow();
      const example = exampleOf(operation.response.shape);
      expect(operation.response.safeParse(example).success).toBe(true);
      // pop-core takes an answer with any other Code for an error.
      expect(example).not.toHaveProperty('Code');
    });

    it('answers its example with the declared fields and no others', async () => {
      const { status, json } = await api.call(name, params);
      expect(status).toBe(200);
      const { RequestId, ...fields } = json;
      expect(RequestId).toMatch(/^[0-9A-F-]{36}$/);
      expect(strict(operation.response).safeParse(fields)).toMatchObject({ success: true });
      await api.call('ResumeLiveStream', { ...params, LiveStreamType: 'publisher' });
    });

    it.each(parametersOf(operation).filter(({ required }) => required))(
      'needs $name',
      async ({ name: missing }) => {
        const { [missing]: _, ...rest } = params;
        await expectCode(api.call(name, rest), 400, `Missing${missing}`);
        api.clock.advance(1000);
        await expectCode(api.call(name, { ...rest, [missing]: '' }), 400, `Missing${missing}`);
      },
    );

    it.each(
      parametersOf(operation).flatMap((parameter) =>
        badValues(parameter).map((value) => [parameter.name, value]),
      ),
    )('refuses %s=%j', async (parameter, value) => {
      await expectCode(
        api.call(name, { ...params, [parameter]: value }),
        400,
        `Invalid${parameter}.Malformed`,
      );
    });

    it('must be signed', async () => {
      const { target, ...raw } = api.sign(name, params);
      const unsigned = `${target}${target.includes('?') ? '&' : '?'}Action=${name}&Version=2016-11-01&Format=JSON`;
      const answer = await api.send({ ...raw, target: unsigned, headers: [['host', 'live.example.com']] });
      expect(answer).toMatchObject({ status: 400, json: { Code: 'MissingSignature' } });
    });

    it.each(['v1', 'v3'] as const)('refuses wrong, late and repeated signatures (%s)', async (scheme) => {
      const signed = { ...params, Format: 'JSON' };
      const call = (more: object) => api.call(name, signed, { scheme, ...more });
      await expectCode(call({ accessKeySecret: 'wrong' }), 400, 'SignatureDoesNotMatch');
      await expectCode(call({ accessKeyId: 'nobody' }), 404, 'InvalidAccessKeyId.NotFound');
      await expectCode(call({ date: '2020-01-01T00:00:00Z' }), 400, 'InvalidTimeStamp.Expired');
      await expectCode(call({ nonce: '' }), 400, 'MissingSignatureNonce');
      api.clock.advance(2000);
      const raw = api.sign(name, signed, { scheme });
      expect((await api.send(raw)).json['Code']).not.toBe('SignatureNonceUsed');
      await expectCode(api.send(raw), 400, 'SignatureNonceUsed');
    });

    it('refuses the call that is one too many, and takes it later', async () => {
      // What throttling comes before is left out, so that ten thousand calls cost little.
      const call = () => api.call(name, {});
      const { calls, perSeconds } = operation.limit;
      for (let made = 0; made < calls; made++)
        expect((await call()).json['Code']).not.toBe('Throttling.User');
      const refused = await call();
      expect(refused).toMatchObject({ status: 400, json: { Code: 'Throttling.User' } });
      const waitMs = Number(refused.headers['x-acs-retry-after']);
      expect(waitMs).toBe(Math.ceil((perSeconds * 1000) / calls));
      api.clock.advance(waitMs);
      expect((await call()).json['Code']).not.toBe('Throttling.User');
    });
  },
);

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
