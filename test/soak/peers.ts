import { expect } from 'vitest';
import { playFlv } from '../../src/cli/flv-player.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import type { RtmpClient, RtmpEnd } from '../../src/cli/rtmp-client.ts';
import { markOf, videoConfig, videoFrame } from '../support/frames.ts';
import type { RealService } from '../support/real-service.ts';

/** Milliseconds between two frames of a publisher. */
const FRAME_MS = 100;

/** A stream of the service under test. */
export interface Place {
  readonly service: RealService;
  readonly domain: string;
  readonly name: string;
}

/** The numbers that the frames of one stream bear: those of each publisher follow those of the one before. */
export class Marks {
  /** The newest that the newest publisher has sent. */
  last = 0;
  #publishers = 0;

  /** The number before the first of another publisher. */
  begin(): number {
    this.#publishers += 1;
    return (this.last = this.#publishers * FRAMES);
  }
}

/** Frames that one publisher sends at most: ten minutes are a tenth of them. */
const FRAMES = 65_536;

const at = ({ service, domain, name }: Place) => ({
  host: '127.0.0.1',
  port: service.ports.rtmpPort,
  app: 'live',
  stream: name,
  tcUrl: `rtmp://${domain}/live`,
});

/** A publisher that sends numbered keyframes until it is closed or cut. */
export class SoakPublisher {
  readonly #client: RtmpClient;
  readonly #timer: NodeJS.Timeout;

  private constructor(client: RtmpClient, marks: Marks) {
    this.#client = client;
    const begin = marks.begin();
    let sent = 0;
    client.send(videoConfig());
    const send = (): void => {
      const mark = begin + ++sent;
      // Whoever was replaced goes on for a moment.
      marks.last = Math.max(marks.last, mark);
      client.send(videoFrame(sent * FRAME_MS, mark, { key: true, size: 200 + ((mark * 37) % 2000) }));
    };
    send();
    this.#timer = setInterval(send, FRAME_MS);
    void client.ended.then(() => clearInterval(this.#timer));
  }

  /** @throws RtmpRefusedError */
  static async start(place: Place, marks: Marks): Promise<SoakPublisher> {
    return new SoakPublisher(await connectRtmp({ mode: 'publish', ...at(place) }), marks);
  }

  get ended(): Promise<RtmpEnd> {
    return this.#client.ended;
  }

  async stop(how: 'close' | 'destroy'): Promise<void> {
    clearInterval(this.#timer);
    await this.#client[how]();
    await this.#client.ended;
  }
}

/** A player that looks at the number of each frame that it is given. */
export class SoakPlayer {
  readonly #marks: Marks;
  #newest = 0;
  #problem: string | undefined;
  #close = (): void => undefined;
  ended: Promise<unknown> = Promise.resolve();
  isOver = false;
  /** No frame beyond this one may come: it was sent after the cut. */
  limit = Infinity;

  private constructor(marks: Marks) {
    this.#marks = marks;
  }

  /** @throws RtmpRefusedError, FlvRefusedError */
  static async start(
    place: Place,
    { marks, over }: { marks: Marks; over: 'rtmp' | 'http' },
  ): Promise<SoakPlayer> {
    const player = new SoakPlayer(marks);
    if (over === 'rtmp') {
      const client = await connectRtmp({
        mode: 'play',
        ...at(place),
        onMedia: (media) => player.#take(media),
      });
      player.#follow(client.ended, () => client.destroy());
    } else {
      const { service, domain, name } = place;
      const url = `${service.endpoint}/live/${name}.flv?vhost=${domain}`;
      const flv = await playFlv({ url, onTag: (tag) => player.#take(tag) });
      player.#follow(flv.ended, () => flv.close());
    }
    return player;
  }

  /** The newest number that it was given; 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** Every frame since its first came, in order, and none that must not. */
  expectRight(): void {
    expect(this.#problem).toBeUndefined();
    expect(this.#newest).toBeLessThanOrEqual(Math.min(this.#marks.last, this.limit));
  }

  async close(): Promise<void> {
    this.#close();
    await this.ended;
  }

  #follow(ended: Promise<unknown>, close: () => void): void {
    this.#close = close;
    this.ended = ended.then(() => (this.isOver = true));
  }

  #take(media: { type: number; payload: Buffer }): void {
    const mark = markOf(media);
    if (mark === undefined) return;
    const isNext = this.#newest === 0 || mark === this.#newest + 1;
    // The last frames of a publisher that was replaced are not relayed any more.
    const isNewPublishers = mark > this.#newest && mark % FRAMES === 1;
    if (!isNext && !isNewPublishers) this.#problem ??= `frame ${mark} after ${this.#newest}`;
    this.#newest = mark;
  }
}
