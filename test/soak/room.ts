import { expect } from 'vitest';
import { FlvRefusedError } from '../../src/cli/flv-player.ts';
import { RtmpRefusedError } from '../../src/cli/rtmp-client.ts';
import type { RtmpEnd } from '../../src/cli/rtmp-client.ts';
import { formatTimestamp } from '../../src/base/timestamp.ts';
import { until } from '../support/wait.ts';
import { Marks, SoakPlayer, SoakPublisher } from './peers.ts';
import type { Place } from './peers.ts';

/** Players of one stream at most. */
const PLAYERS = 4;

/** A block as the model knows it. */
export interface ModelBlock {
  /** Epoch milliseconds, whole seconds; null: until a resume. */
  readonly until: number | null;
  readonly reason: string;
}

/** An entry of the control history as the model expects it. */
export interface ModelCall {
  readonly action: 'ForbidLiveStream' | 'ResumeLiveStream';
  readonly requestId: string;
  readonly stream: string;
  readonly outcome: 'Blocked' | 'Replaced' | 'AlreadyBlocked' | 'CutOnce' | 'Resumed';
  readonly effect: { readonly publishers: number; readonly players: number } | undefined;
}

/** How a forbid is asked for. */
export interface ForbidPlan {
  readonly seconds: number | null;
  readonly oneshot: boolean;
  readonly replace: boolean;
  readonly reason: string;
}

/**
 * One stream and the model of it: whether it is blocked and until when, who publishes, who plays. One thing happens at
 * a time, so that the model knows the one right answer to each.
 */
export class Room {
  readonly place: Place;
  readonly calls: ModelCall[] = [];
  publisher: SoakPublisher | undefined;
  readonly players: SoakPlayer[] = [];
  /** Publishes that were let in. */
  publishes = 0;
  readonly #marks = new Marks();
  #block: ModelBlock | undefined;

  constructor(place: Place) {
    this.place = place;
  }

  get url(): string {
    return `${this.place.domain}/live/${this.place.name}`;
  }

  /** The block in force at a time. */
  blockAt(now: number): ModelBlock | undefined {
    return this.#block && (this.#block.until === null || now < this.#block.until) ? this.#block : undefined;
  }

  /** Whether a block is about to end, or has just ended: what is asked now has no one right answer. */
  isAtAnEnd(): boolean {
    const end = this.#block?.until;
    const now = Date.now();
    return typeof end === 'number' && end - now < BEFORE_MS && now - end < AFTER_MS;
  }

  /** Publishes; a second publisher takes the place of the first. */
  async publish(): Promise<void> {
    const before = this.publisher;
    if (this.blockAt(Date.now())) {
      const refused = await SoakPublisher.start(this.place, this.#marks).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(RtmpRefusedError);
      expect((refused as RtmpRefusedError).end.code).toBe('NetStream.Publish.Unauthorized');
      return;
    }
    this.publisher = await SoakPublisher.start(this.place, this.#marks);
    this.publishes += 1;
    if (before) expectCut(await before.ended);
    await this.#agreed();
  }

  /** The publisher goes away, and its players with it. */
  async unpublish(how: 'close' | 'destroy'): Promise<void> {
    await this.publisher?.stop(how);
    this.publisher = undefined;
    await this.#playersOver();
    await this.#agreed();
  }

  /** A player comes, and sees a frame; nobody comes to what is not live. */
  async play(over: 'rtmp' | 'http'): Promise<void> {
    const isBlocked = this.blockAt(Date.now()) !== undefined;
    if (this.players.length >= PLAYERS) return this.drop(0);
    if (!this.publisher && !isBlocked && over === 'rtmp') return;
    const asked = SoakPlayer.start(this.place, { marks: this.#marks, over });
    if (this.publisher) {
      const player = await asked;
      this.players.push(player);
      await until(() => player.newest > 0, 'the first frame of a player');
      await this.#agreed();
      return;
    }
    const refused: unknown = await asked.catch((error: unknown) => error);
    if (over === 'http') expect(refused).toEqual(new FlvRefusedError(isBlocked ? 403 : 404));
    else expect((refused as RtmpRefusedError).end.code).toBe('NetStream.Play.Unauthorized');
  }

  /** A player goes away. */
  async drop(index: number): Promise<void> {
    const [player] = this.players.splice(index, 1);
    if (!player) return;
    player.expectRight();
    await player.close();
    await this.#agreed();
  }

  async forbid({ seconds, oneshot, replace, reason }: ForbidPlan): Promise<void> {
    const now = Date.now();
    const standing = this.blockAt(now);
    const resumeAt = seconds === null ? null : Math.ceil(now / 1000 + seconds) * 1000;
    const { status, body } = await this.#call('ForbidLiveStream', {
      Reason: reason,
      LiveStreamType: 'publisher',
      ...(oneshot && { Oneshot: 'yes' }),
      ...(replace && { Replace: 'true' }),
      ...(resumeAt !== null && { ResumeTime: formatTimestamp(resumeAt) }),
    });
    const effect = await this.#cut();
    const isKept = standing !== undefined && !replace && !oneshot;
    expect({ status, code: body['Code'] }).toEqual(
      isKept ? { status: 400, code: 'ConfigAlreadyExists' } : { status: 200, code: undefined },
    );
    if (!isKept && !oneshot) this.#block = { until: resumeAt, reason };
    const forbidden = standing ? (replace ? 'Replaced' : 'AlreadyBlocked') : 'Blocked';
    this.#note('ForbidLiveStream', body, { outcome: oneshot ? 'CutOnce' : forbidden, effect });
  }

  async resume(): Promise<void> {
    const { status, body } = await this.#call('ResumeLiveStream', { LiveStreamType: 'publisher' });
    expect(status).toBe(200);
    this.#block = undefined;
    this.#note('ResumeLiveStream', body, { outcome: 'Resumed', effect: undefined });
  }

  async expectState(): Promise<void> {
    const state = this.blockAt(Date.now()) ? 'forbidden' : this.publisher ? 'online' : 'offline';
    const { body } = await this.#call('DescribeLiveStreamState', {});
    expect(body['StreamState']).toBe(state);
    this.expectFrames();
  }

  /** What players have seen is what they should have, and all of them are there. */
  expectFrames(): void {
    for (const player of this.players) {
      player.expectRight();
      expect(player.isOver).toBe(false);
    }
  }

  /** Everybody leaves, and nothing is forbidden. */
  async empty(): Promise<void> {
    while (this.players.length > 0) await this.drop(0);
    await this.unpublish('close');
    await this.resume();
  }

  /** The service has the publishers and players that the model has. */
  async #agreed(): Promise<void> {
    const expected = () => ({
      Publishers: this.publisher ? 1 : 0,
      Players: this.players.length,
      AlreadyBlocked: this.blockAt(Date.now()) !== undefined,
    });
    let effect: unknown;
    const isSo = async (): Promise<boolean> => {
      const dry = { DryRun: 'true', LiveStreamType: 'publisher' };
      ({ Effect: effect } = (await this.#call('ForbidLiveStream', dry)).body);
      return JSON.stringify(effect) === JSON.stringify(expected());
    };
    await until(isSo, 'the service to be as the model').catch(() => expect(effect).toEqual(expected()));
  }

  /** The forbid was answered: no frame that is sent from now on may be relayed, and everybody's connection ends. */
  async #cut(): Promise<{ publishers: number; players: number }> {
    for (const player of this.players) player.limit = this.#marks.last;
    const effect = { publishers: this.publisher ? 1 : 0, players: this.players.length };
    if (this.publisher) expectCut(await this.publisher.ended);
    this.publisher = undefined;
    await this.#playersOver();
    return effect;
  }

  async #playersOver(): Promise<void> {
    for (const player of this.players.splice(0)) {
      await until(() => player.isOver, 'the end of a player');
      player.expectRight();
    }
  }

  #call(action: string, more: Readonly<Record<string, string>>) {
    const { service, domain, name } = this.place;
    return service.call(action, { DomainName: domain, AppName: 'live', StreamName: name, ...more });
  }

  #note(
    action: ModelCall['action'],
    body: Readonly<Record<string, unknown>>,
    became: Pick<ModelCall, 'outcome' | 'effect'>,
  ): void {
    this.calls.push({ action, requestId: String(body['RequestId']), stream: this.url, ...became });
  }
}

/** It was told, unless the reset that follows overtook that. */
function expectCut({ code, error }: RtmpEnd): void {
  if (code !== 'NetStream.Publish.Rejected') expect(error).toMatch(/ECONNRESET|EPIPE/);
}

/** Milliseconds around the end of a block in which nothing is asked: more than an answer takes on a busy machine. */
const BEFORE_MS = 3000;
const AFTER_MS = 50;
