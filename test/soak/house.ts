import { expect } from 'vitest';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import type { RealService } from '../support/real-service.ts';
import { until } from '../support/wait.ts';
import type { Random } from './random.ts';
import { Room } from './room.ts';
import type { ModelCall } from './room.ts';

/** Calls of the history that are compared each time, the newest ones. */
const COMPARED = 50;

/** Steps that are told when one goes wrong. */
const TOLD = 20;

type Act = (room: Room, random: Random) => Promise<void>;

/** What happens, and how often. */
const ACTS: readonly { readonly name: string; readonly weight: number; readonly act: Act }[] = [
  { name: 'publish', weight: 5, act: (room) => room.publish() },
  { name: 'unpublish', weight: 2, act: (room, random) => room.unpublish(random.pick(['close', 'destroy'])) },
  { name: 'play', weight: 7, act: (room, random) => room.play(random.pick(['rtmp', 'http'])) },
  { name: 'drop a player', weight: 3, act: (room, random) => room.drop(random.below(4)) },
  { name: 'forbid', weight: 2, act: (room, random) => room.forbid(planOf(random)) },
  { name: 'resume', weight: 2, act: (room) => room.resume() },
  { name: 'kick', weight: 1, act: kick },
  { name: 'look at the state', weight: 3, act: (room) => room.expectState() },
];

const WHEEL = ACTS.flatMap((entry) => Array.from({ length: entry.weight }, () => entry));

function planOf(random: Random) {
  const reason = `reason ${random.below(1_000_000)}`;
  const seconds = random.chance(0.5) ? 4 + random.below(5) : null;
  return {
    seconds,
    oneshot: random.chance(0.2),
    replace: random.chance(0.3),
    reason,
  };
}

/** Out, and at once free to come back. */
async function kick(room: Room): Promise<void> {
  await room.forbid({ seconds: null, oneshot: false, replace: true, reason: 'kick' });
  await room.resume();
}

/** The streams of one domain, in which one thing happens after another, and what the service says of the domain. */
export class House {
  readonly rooms: readonly Room[];
  readonly #service: RealService;
  readonly #domain: string;
  readonly #random: Random;
  readonly #since = formatTimestamp(Date.now() - 60_000);
  readonly #steps: string[] = [];

  constructor(service: RealService, domain: string, random: Random) {
    this.#service = service;
    this.#domain = domain;
    this.#random = random;
    this.rooms = ['cam1', 'cam2'].map((name) => new Room({ service, domain, name }));
  }

  /** One thing that happens by chance; now and then everything is compared. @throws Error that tells the last steps */
  async step(): Promise<void> {
    const random = this.#random;
    const room = random.pick(this.rooms);
    const { name, act } = random.pick(WHEEL);
    this.#steps.push(`${name} ${room.place.name}`);
    try {
      await this.#settled();
      await act(room, random);
      if (random.chance(0.15)) await this.compare();
    } catch (cause) {
      const steps = this.#steps.slice(-TOLD).join(', ');
      throw new Error(`${this.#domain} after ${steps}: ${String(cause)}`, { cause });
    }
  }

  /** Lists and histories of the domain are what the model says. */
  async compare(): Promise<void> {
    this.#steps.push('compare');
    await this.#settled();
    const blocked = this.rooms.filter((room) => room.blockAt(Date.now()));
    const { StreamUrls } = await this.#list<{ StreamUrls: { StreamUrl: string[] } }>(
      'DescribeLiveStreamsBlockList',
    );
    expect(StreamUrls.StreamUrl).toEqual(blocked.map(({ url }) => url));
    await this.#settled();
    const entries = this.rooms.flatMap((room) => {
      const block = room.blockAt(Date.now());
      if (!block) return [];
      const end = block.until === null ? {} : { Until: formatTimestamp(block.until) };
      return [{ StreamName: room.place.name, Reason: block.reason, ...end }];
    });
    const { Blocks } = await this.#list<{ Blocks: { Block: object[] } }>('DescribeLiveStreamBlocks');
    expect(Blocks.Block).toMatchObject(entries);
    const { OnlineInfo } = await this.#list<{
      OnlineInfo: { LiveStreamOnlineInfo: { StreamName: string }[] };
    }>('DescribeLiveStreamsOnlineList');
    expect(OnlineInfo.LiveStreamOnlineInfo.map(({ StreamName }) => StreamName).sort()).toEqual(
      this.rooms.filter(({ publisher }) => publisher).map(({ place }) => place.name),
    );
    await this.#compareHistory();
  }

  /** Waits until no block is at its end. */
  #settled(): Promise<void> {
    return until(() => !this.rooms.some((room) => room.isAtAnEnd()), 'the end of a block to be over');
  }

  async empty(): Promise<void> {
    for (const room of this.rooms) await room.empty();
    await this.compare();
  }

  /** What a forbid reached is written down just after its answer. */
  async #compareHistory(): Promise<void> {
    const shown = async (): Promise<ShownCall[]> => {
      const { ControlInfo } = await this.#list<{ ControlInfo: { LiveStreamControlInfo: ShownCall[] } }>(
        'DescribeLiveStreamsControlHistory',
        { StartTime: this.#since, EndTime: formatTimestamp(Date.now() + 60_000) },
      );
      return ControlInfo.LiveStreamControlInfo;
    };
    let calls: ShownCall[] = [];
    const isWritten = async (): Promise<boolean> =>
      (calls = await shown()).every(({ Effect }) => Effect?.State !== 'unknown');
    await until(isWritten, 'the effect of every forbid to be written down');
    const expected = this.rooms.flatMap((room) => room.calls);
    expect(calls).toHaveLength(expected.length);
    const byId = new Map(expected.map((call) => [call.requestId, call]));
    for (const call of calls.slice(0, COMPARED)) expect(modelled(call)).toEqual(byId.get(call.CallId));
  }

  async #list<T>(action: string, more: Readonly<Record<string, string>> = {}): Promise<T> {
    const { status, body } = await this.#service.call(action, { DomainName: this.#domain, ...more });
    expect(status, action).toBe(200);
    return body as T;
  }
}

/** An entry of the control history as the API shows it. */
interface ShownCall {
  readonly Action: ModelCall['action'];
  readonly CallId: string;
  readonly StreamName: string;
  readonly Outcome: ModelCall['outcome'];
  readonly Effect?: { readonly State: string; readonly Publishers: number; readonly Players: number };
}

function modelled({ Action, CallId, StreamName, Outcome, Effect }: ShownCall): ModelCall {
  const effect = Effect && { publishers: Effect.Publishers, players: Effect.Players };
  return { action: Action, requestId: CallId, stream: StreamName, outcome: Outcome, effect };
}
