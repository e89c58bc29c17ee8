import { setTimeout as sleep } from 'node:timers/promises';
import { connectRtmp, RtmpRefusedError } from '../../src/cli/rtmp-client.ts';

/** Where publishers try to get in. */
export interface Door {
  readonly host: string;
  readonly port: number;
}

/** A stream under the app `live`. */
export interface Name {
  readonly domain: string;
  readonly name: string;
}

/** Milliseconds after which a service that does not open its door is given up. */
const PATIENCE_MS = 30_000;

/** How a publisher that tried until it got an answer came off. */
export interface Attempt {
  readonly outcome: 'let in' | 'refused';
  /** Attempts that found no door before. */
  readonly inVain: number;
}

/**
 * Tries to publish again and again, from before the service opens its port, until the service lets the publisher in or
 * tells it that it may not: the first moment in which anybody could get in is among the attempts.
 */
export async function publishAtFirstMoment(door: Door, { domain, name }: Name): Promise<Attempt> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let inVain = 0; ; inVain++) {
    try {
      const tcUrl = `rtmp://${domain}/live`;
      const publisher = await connectRtmp({ mode: 'publish', ...door, app: 'live', stream: name, tcUrl });
      publisher.destroy();
      await publisher.ended;
      return { outcome: 'let in', inVain };
    } catch (error) {
      if (!(error instanceof RtmpRefusedError)) throw error;
      if (error.end.code === 'NetStream.Publish.Unauthorized') return { outcome: 'refused', inVain };
      if (error.end.error !== 'ECONNREFUSED' && error.end.error !== 'ECONNRESET') throw error;
      if (Date.now() > deadline) throw error;
      await sleep(1);
    }
  }
}
