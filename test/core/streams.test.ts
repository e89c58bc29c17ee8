import { describe, expect, it } from 'vitest';
import { systemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { BlockSet } from '../../src/core/blocks.ts';
import { StreamRegistry } from '../../src/core/streams.ts';
import type { Player, Publish, Publisher } from '../../src/core/streams.ts';
import { ManualClock } from '../support/manual-clock.ts';

const key = { domain: 'a.example', app: 'live', stream: 'cam1' };

function setUp(duplicatePublish: 'refuse' | 'replace' = 'refuse') {
  const clock = new ManualClock();
  const blocks = new BlockSet();
  const log: string[] = [];
  const publishLog = {
    started: (publish: Publish) => log.push(`started ${publish.publisher.id}`),
    ended: (publish: Publish, end: { reason: string }) =>
      log.push(`ended ${publish.publisher.id}: ${end.reason}`),
  };
  const registry = new StreamRegistry({
    clock,
    ids: systemIds,
    log: silentLogger,
    blocks,
    publishLog,
    duplicatePublish,
  });
  const stats = {
    bytes: 7,
    videoKbps: 0,
    audioKbps: 0,
    fps: 0,
    keyframeIntervalSec: null,
    video: null,
    audio: null,
  };
  const publisher = (id: string): Publisher => ({
    id,
    protocol: 'rtmp',
    clientAddress: '127.0.0.1',
    serverAddress: '127.0.0.1',
    pushDomain: 'a.example',
    cut: (reason) => log.push(`cut ${id}: ${reason}`),
    stats: () => stats,
  });
  const player = (id: string): Player => ({
    id,
    protocol: 'rtmp',
    clientAddress: '127.0.0.1',
    end: (reason) => log.push(`end ${id}: ${reason}`),
  });
  const attach = (id: string): Publish => {
    const publish = registry.attachPublisher(key, publisher(id));
    if (typeof publish === 'string') throw new Error(publish);
    return publish;
  };
  return { clock, blocks, log, registry, publisher, player, attach };
}

const block = (version: number, resumeAt: number | null) => ({
  key,
  version,
  block: { key, accountId: '1', version, resumeAt, reason: null, actor: 'ak', createdAt: 0, updatedAt: 0 },
});

describe('StreamRegistry', () => {
  it('refuses a second publisher, or replaces the first, as configured', () => {
    const refusing = setUp('refuse');
    refusing.attach('one');
    expect(refusing.registry.attachPublisher(key, refusing.publisher('two'))).toBe('busy');
    const replacing = setUp('replace');
    const first = replacing.attach('one');
    const second = replacing.attach('two');
    expect(replacing.registry.live(key)).toBe(second);
    replacing.registry.detachPublisher(first, 'late close of the replaced one');
    expect(replacing.registry.live(key)).toBe(second);
    expect(replacing.log).toEqual([
      'started one',
      'ended one: replaced by another publisher',
      'cut one: replaced by another publisher',
      'started two',
    ]);
  });

  it('looks at the blocks in the tick of attaching, and expiry needs no job', () => {
    const { registry, publisher, blocks, clock } = setUp();
    blocks.apply(block(1, clock.now() + 1000));
    expect(registry.attachPublisher(key, publisher('one'))).toBe('blocked');
    clock.advance(999);
    expect(registry.attachPublisher(key, publisher('one'))).toBe('blocked');
    clock.advance(1);
    expect(registry.attachPublisher(key, publisher('one'))).toMatchObject({ key });
  });

  it('cuts the publisher and every player once, and writes one history row', () => {
    const { registry, player, attach, log } = setUp();
    const publish = attach('one');
    registry.attachPlayer(key, player('p1'));
    const leave = registry.attachPlayer(key, player('p2'));
    expect(registry.audience(key)).toEqual({ publishers: 1, players: 2 });
    expect(registry.cut(key, 'forbidden')).toEqual({ publishers: 1, players: 2 });
    leave();
    registry.detachPublisher(publish, 'socket closed');
    expect(registry.cut(key, 'forbidden')).toEqual({ publishers: 0, players: 0 });
    expect(registry.list()).toEqual([]);
    expect(log).toEqual([
      'started one',
      'ended one: forbidden',
      'cut one: forbidden',
      'end p1: forbidden',
      'end p2: forbidden',
    ]);
  });

  it('keeps players over the end of a publish, so that they can wait for the next', () => {
    const { registry, player, attach } = setUp();
    const publish = attach('one');
    registry.attachPlayer(key, player('p1'));
    registry.detachPublisher(publish, 'unpublished');
    expect(registry.audience(key)).toEqual({ publishers: 0, players: 1 });
    expect(registry.countPlayers()).toBe(1);
  });
});
