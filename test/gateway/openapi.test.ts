import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageVersion } from '../../src/base/package-version.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';

let sluice: TestService;
beforeAll(async () => {
  sluice = await startTestService();
});
afterAll(() => sluice[Symbol.asyncDispose]());

const get = (init: RequestInit = {}) => fetch(`${sluice.endpoint}/openapi.json`, init);

describe('/openapi.json', () => {
  it('describes every operation that is served, to anyone', async () => {
    const answer = await get();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json;charset=utf-8');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const document = (await answer.json()) as { info: { version: string }; paths: object };
    expect(document.info.version).toBe(packageVersion());
    const served = OPERATIONS.filter(({ testMode }) => !testMode).map(({ name }) => `/#Action=${name}`);
    expect(Object.keys(document.paths)).toEqual(served);
  });

  it('is not sent again to who has it', async () => {
    const etag = (await get()).headers.get('etag')!;
    for (const condition of [etag, `"other", ${etag.replace('W/', '')}`, '*']) {
      const answer = await get({ headers: { 'if-none-match': condition } });
      expect([answer.status, answer.headers.get('etag'), await answer.text()]).toEqual([304, etag, '']);
    }
    expect((await get({ headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('is sent compressed only to who takes that', async () => {
    const plain = await get({ headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    const refused = await get({ headers: { 'accept-encoding': 'gzip;q=0' } });
    expect(refused.headers.get('content-encoding')).toBeNull();
    const text = await plain.text();
    expect(await refused.text()).toBe(text);
    const head = await get({ method: 'HEAD', headers: { 'accept-encoding': 'br, gzip' } });
    expect(head.headers.get('content-encoding')).toBe('gzip');
    expect(Number(head.headers.get('content-length'))).toBeLessThan(text.length / 4);
    expect(head.headers.get('vary')).toBe('Accept-Encoding');
    const compressed = await get({ headers: { 'accept-encoding': 'gzip' } });
    expect(await compressed.text()).toBe(text);
  });

  it('answers a browser that asks first, and takes nothing else', async () => {
    expect((await get({ method: 'OPTIONS' })).headers.get('access-control-allow-methods')).toContain('GET');
    const posted = await get({ method: 'POST', body: 'x' });
    expect(posted.status).toBe(404);
    expect(await posted.text()).toContain('InvalidAction.NotFound');
  });
});
