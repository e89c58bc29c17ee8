import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { publish, RefusedError } from '../src/encoder.ts';
import type { Encoder } from '../src/encoder.ts';
import { Moderation } from '../src/moderation.ts';
import { TEST_KEY, TestService } from '../src/test-service.ts';

const CAM = { domain: 'live.local', app: 'live', name: 'cam1' };

const service = await TestService.start();
const moderation = new Moderation({ endpoint: service.endpoint, ...TEST_KEY });
const encoders: Encoder[] = [];

after(() => service.stop());
beforeEach(() => service.reset());
afterEach(async () => {
  for (const encoder of encoders.splice(0)) await encoder.stop();
});

async function goLive(stream = CAM): Promise<Encoder> {
  const encoder = await publish({ port: service.rtmpPort, ...stream });
  encoders.push(encoder);
  return encoder;
}

describe('taking a stream down', () => {
  it('cuts it and keeps it out until its time, and not longer', async () => {
    const encoder = await goLive();
    assert.equal(await moderation.stateOf(CAM), 'online');

    await moderation.takeDown(CAM, 60);
    assert.equal(await encoder.ended, 'NetStream.Publish.Rejected');
    assert.equal(await moderation.stateOf(CAM), 'forbidden');
    await assert.rejects(goLive(), RefusedError);

    await service.advance(59);
    await assert.rejects(goLive(), RefusedError);
    await service.advance(2);
    await goLive();
    assert.equal(await moderation.stateOf(CAM), 'online');
  });

  it('leaves other streams alone, also while time moves', async () => {
    const other = { ...CAM, name: 'cam2' };
    await goLive(other);
    await moderation.takeDown(CAM, 60);
    await service.advance(24 * 60);
    assert.equal(await moderation.stateOf(other), 'online');
  });

  it('can be undone before its time', async () => {
    await moderation.takeDown(CAM, 60);
    await moderation.bringBack(CAM);
    await goLive();
  });
});

describe('an API that does not do as one would like', () => {
  it('throttles: the SDK waits as long as it is told, and tries again', async () => {
    await service.inject('ForbidLiveStream', 'throttle', { Count: '2' });
    await moderation.takeDown(CAM, 60);
    const [fault] = await service.faults();
    assert.equal(fault?.Hits, 2);
    assert.equal(await moderation.stateOf(CAM), 'forbidden');
  });

  it('throttles for good: the caller learns of it', async () => {
    await service.inject('ForbidLiveStream', 'throttle');
    await assert.rejects(moderation.takeDown(CAM, 60), { code: 'Throttling.User' });
    assert.equal(await moderation.stateOf(CAM), 'offline');
  });

  it('fails: nothing was taken down, and the caller learns of it', async () => {
    await service.inject('ForbidLiveStream', 'error500');
    await assert.rejects(moderation.takeDown(CAM, 60), { code: 'InternalError' });
    assert.equal(await moderation.stateOf(CAM), 'offline');
  });

  it('is slow: the caller does not wait for ever', async () => {
    const hasty = new Moderation({ endpoint: service.endpoint, ...TEST_KEY, readTimeoutMs: 200 });
    await service.inject('DescribeLiveStreamState', 'delay', { DelayMs: '30000' });
    await assert.rejects(hasty.stateOf(CAM), /timeout/i);
  });
});

describe('the tests themselves', () => {
  it('do not see what an earlier one left behind', async () => {
    assert.equal(await moderation.stateOf(CAM), 'offline');
    assert.deepEqual(await service.faults(), []);
    await goLive();
  });
});
