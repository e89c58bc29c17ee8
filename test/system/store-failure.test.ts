import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/store/sqlite.ts';
import { crashWorker } from '../support/crash-worker.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { mountSmallDisk } from '../support/small-disk.ts';
import { StubbornEncoder } from '../support/stubborn-encoder.ts';
import { until } from '../support/wait.ts';

const STREAM = { DomainName: 'live.local', AppName: 'live', StreamName: 'cam1', LiveStreamType: 'publisher' };

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function start(data?: string): Promise<TestService> {
  const sluice = await startTestService(data === undefined ? {} : { data });
  cleanUp.push(async () => sluice[Symbol.asyncDispose]());
  return sluice;
}

async function publishing(sluice: TestService): Promise<StubbornEncoder> {
  const { rtmpPort } = sluice.service;
  const target = { port: rtmpPort, tcUrl: 'rtmp://live.local/live', app: 'live', stream: 'cam1' };
  const encoder = new StubbornEncoder(target, { firstMark: 0 });
  cleanUp.push(() => encoder.stop());
  await until(() => encoder.started || encoder.codes.length > 0, 'an answer to the publish');
  return encoder;
}

const forbid = (sluice: TestService): ReturnType<TestService['call']> =>
  sluice.call('ForbidLiveStream', STREAM);
const stateOf = async (sluice: TestService): Promise<unknown> =>
  (await sluice.call('DescribeLiveStreamState', STREAM)).body['StreamState'];

/** Cut at once, told so honestly, and free to come back: what a forbid does that could not be stored. */
async function expectCutNotPersisted(sluice: TestService, encoder: StubbornEncoder): Promise<void> {
  const answer = await forbid(sluice);
  expect(answer).toMatchObject({ status: 503, body: { Code: 'ServiceUnavailable' } });
  expect(answer.body['Message']).toMatch(/cut/);
  expect(await encoder.ended).toMatch(/ECONNRESET|EPIPE/);
}

describe('forbidding while the store fails', () => {
  it('cuts and answers 503 when the commit hangs; the block holds once the commit lands late', async () => {
    const sluice = await start();
    const encoder = await publishing(sluice);
    const other = await connect(join(sluice.data, 'sluice.db'));
    cleanUp.push(async () => other.close());
    other.exec('begin immediate');
    await expectCutNotPersisted(sluice, encoder);
    other.exec('rollback');
    await until(async () => (await stateOf(sluice)) === 'forbidden', 'the late commit');
    expect((await publishing(sluice)).codes).toEqual(['NetStream.Publish.Unauthorized']);
  });

  it('cuts and answers 503 when the store’s thread dies, and works again by itself', async () => {
    const workers: Worker[] = [];
    const note = (worker: Worker): void => void workers.push(worker);
    process.on('worker', note);
    cleanUp.push(async () => process.off('worker', note));
    const sluice = await start();
    const encoder = await publishing(sluice);
    await crashWorker(workers.at(-1));
    await expectCutNotPersisted(sluice, encoder);
    const again = await publishing(sluice);
    expect(again.started).toBe(true);
    await until(async () => (await forbid(sluice)).status === 200, 'the store to be back');
    expect(await again.ended).toMatch(/ECONNRESET|EPIPE/);
    expect((await publishing(sluice)).codes).toEqual(['NetStream.Publish.Unauthorized']);
  });

  it('cuts and answers 503 when the disk is full, and stores again when it is not', async (context) => {
    const data = await mkdtemp(join(tmpdir(), 'sluice-full-'));
    cleanUp.push(() => rm(data, { recursive: true, force: true }));
    const unmount = mountSmallDisk(data, 4, context);
    cleanUp.push(async () => unmount());
    const sluice = await start(data);
    const encoder = await publishing(sluice);
    const ballast = join(data, 'ballast');
    await writeFile(ballast, Buffer.alloc(8_000_000)).catch(() => undefined);
    await expectCutNotPersisted(sluice, encoder);
    expect(await stateOf(sluice)).toBe('offline');
    const readyz = `http://127.0.0.1:${sluice.service.internalPort}/readyz`;
    expect(await (await fetch(readyz)).json()).toMatchObject({
      ready: false,
      checks: { store: 'database or disk is full' },
    });
    await rm(ballast);
    await until(async () => (await forbid(sluice)).status === 200, 'room on the disk');
    expect((await publishing(sluice)).codes).toEqual(['NetStream.Publish.Unauthorized']);
  });
});
