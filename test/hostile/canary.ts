import { expect } from 'vitest';
import { playFlv } from '../../src/cli/flv-player.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import type { RtmpClient } from '../../src/cli/rtmp-client.ts';
import { sampleAccess } from '../../src/wire/rtmp/responses.ts';
import { markOf, videoConfig, videoFrame } from '../support/frames.ts';
import type { TestMedia } from '../support/frames.ts';
import { until } from '../support/wait.ts';

/** The stream of every canary. */
export const CANARY = 'canary';

/** What frames of attackers carry in place of the canary's numbers. */
export const FOREIGN = 0x6660000;

/** What players get beside the frames: the configuration, and what the service itself tells RTMP players. */
const OTHER = [videoConfig().payload, sampleAccess(1).payload];

/** Both ports of a service. */
interface Ports {
  readonly rtmpPort: number;
  readonly httpPort: number;
}

/**
 * A well-behaved stream with a player over RTMP and one over HTTP-FLV, that goes on beside an attack. Its frames are
 * numbered, and each player must get every one, in order, and no other.
 */
export class Canary {
  readonly #publisher: RtmpClient;
  readonly #players: readonly Player[];
  #sent = 0;

  private constructor(publisher: RtmpClient, players: readonly Player[]) {
    this.#publisher = publisher;
    this.#players = players;
  }

  static async start({ rtmpPort, httpPort }: Ports): Promise<Canary> {
    const at = { host: '127.0.0.1', port: rtmpPort, app: 'live', stream: CANARY };
    const publisher = await connectRtmp({ mode: 'publish', ...at });
    publisher.send(videoConfig());
    const [overRtmp, overHttp] = [new Player(), new Player()];
    const rtmp = await connectRtmp({ mode: 'play', ...at, onMedia: (message) => overRtmp.take(message) });
    const url = `http://127.0.0.1:${httpPort}/live/${CANARY}.flv`;
    const flv = await playFlv({ url, onTag: (tag) => overHttp.take(tag) });
    overRtmp.close = () => rtmp.destroy();
    overHttp.close = () => flv.close();
    return new Canary(publisher, [overRtmp, overHttp]);
  }

  /** Sends a frame, of so many bytes if given. */
  send(size?: number): void {
    const mark = ++this.#sent;
    this.#publisher.send(videoFrame(mark * 40, mark, { key: mark % 10 === 1, ...(size && { size }) }));
  }

  /** Sends something else than a frame of its own. */
  sendOther(media: TestMedia): void {
    this.#publisher.send(media);
  }

  /** Every frame that was sent has reached both players, and nothing else has. */
  async expectWhole(timeoutMs = 10_000): Promise<void> {
    const wanted = Array.from({ length: this.#sent }, (_, i) => i + 1);
    const arrived = (): boolean => this.#players.every(({ marks }) => marks.length >= wanted.length);
    await until(arrived, 'every frame of the canary', timeoutMs);
    for (const { marks } of this.#players) expect(marks).toEqual(wanted);
  }

  /** Sends a frame and sees all of them arrive. */
  async beat(timeoutMs?: number): Promise<void> {
    this.send();
    await this.expectWhole(timeoutMs);
  }

  /** Goes on at 25 frames a second until the function that is given back is called, which sees all of them arrive. */
  beginToFlow(size?: number): () => Promise<void> {
    const timer = setInterval(() => this.send(size), 40);
    return async () => {
      clearInterval(timer);
      await this.expectWhole();
    };
  }

  end(): void {
    for (const player of this.#players) player.close();
    this.#publisher.destroy();
  }
}

class Player {
  /** Numbers of the frames that came; -1 for what the canary did not send. */
  readonly marks: number[] = [];
  close = (): void => undefined;

  take(media: { type: number; payload: Buffer }): void {
    if (!OTHER.some((other) => media.payload.equals(other))) this.marks.push(markOf(media) ?? -1);
  }
}
