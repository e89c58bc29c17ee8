import type { Core } from '../../src/core/core.ts';
import type { StreamKey } from '../../src/core/names.ts';
import type { Player, Publish, Publisher, StreamStats } from '../../src/core/streams.ts';

/** A stream, and its names as calls give them. */
export interface Room {
  readonly key: StreamKey;
  readonly names: { readonly DomainName: string; readonly AppName: string; readonly StreamName: string };
}

let rooms = 0;

/** A stream of its own for each test; the domain is named by its push domain. */
export function newRoom(app = 'live'): Room {
  const stream = `room${++rooms}`;
  return {
    key: { domain: 'play.example.com', app, stream },
    names: { DomainName: 'push.example.com', AppName: app, StreamName: stream },
  };
}

/** What is measured of {@link publish}ed streams. */
const STATS: StreamStats = {
  bytes: 1000,
  videoKbps: 1800.6,
  audioKbps: 127.5,
  fps: 24.98,
  keyframeIntervalSec: 2,
  video: { codec: 'h264', flvCodecId: 7, width: 1280, height: 720 },
  audio: { codec: 'aac', flvCodecId: 10, sampleRate: 48_000, channels: 2 },
};

/** A publisher as the rules see one; `cuts` collects why it was cut. */
export interface FakePublisher extends Publisher {
  readonly cuts: string[];
  readonly publish: Publish;
}

let ids = 0;

/** Attaches a publisher to a stream. @throws Error when the stream does not take it. */
export function publish(core: Core, key: StreamKey, stats: Partial<StreamStats> = {}): FakePublisher {
  const cuts: string[] = [];
  const publisher: Publisher = {
    id: `publisher-${++ids}`,
    protocol: 'rtmp',
    clientAddress: '192.0.2.50',
    serverAddress: '192.0.2.1',
    pushDomain: 'push.example.com',
    cut: (reason) => void cuts.push(reason),
    stats: () => ({ ...STATS, ...stats }),
  };
  const result = core.streams.attachPublisher(key, publisher);
  if (typeof result === 'string') throw new Error(`the stream is ${result}`);
  return { ...publisher, cuts, publish: result };
}

/** Attaches a player to a stream; returns why it was ended, so far. */
export function play(core: Core, key: StreamKey): string[] {
  const ends: string[] = [];
  const player: Player = {
    id: `player-${++ids}`,
    protocol: 'http-flv',
    clientAddress: '192.0.2.60',
    end: (reason) => void ends.push(reason),
  };
  core.streams.attachPlayer(key, player);
  return ends;
}
