import type { Clock } from '../base/clock.ts';
import type { Publisher, StreamStats } from '../core/streams.ts';
import { splitAggregate } from '../wire/rtmp/aggregate.ts';
import { DEFAULT_CHUNK_LIMITS } from '../wire/rtmp/chunk-reader.ts';
import { MessageType } from '../wire/rtmp/messages.ts';
import type { RtmpMessage } from '../wire/rtmp/messages.ts';
import { onStatus } from '../wire/rtmp/responses.ts';
import { MEDIA_STREAM_ID, readMedia } from './frame.ts';
import type { Publication } from './hubs.ts';
import { IdleTimer } from './idle-timer.ts';
import type { RtmpConnection } from './rtmp-connection.ts';
import { StreamMeter } from './stream-meter.ts';

/** What a publisher needs. */
export interface RtmpPublisherOptions extends Pick<
  Publisher,
  'id' | 'protocol' | 'clientAddress' | 'serverAddress' | 'pushDomain'
> {
  readonly connection: RtmpConnection;
  readonly clock: Clock;
  /** See IngestLimits. */
  readonly publisherSilenceMs: number;
}

/** An admitted publisher: hands its media to its stream until one of them lets go. */
export class RtmpPublisher implements Publisher {
  readonly id: string;
  readonly protocol: Publisher['protocol'];
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly pushDomain: string;
  readonly #options: RtmpPublisherOptions;
  readonly #meter: StreamMeter;
  #publication: Publication | undefined;
  #silence: IdleTimer | undefined;

  constructor(options: RtmpPublisherOptions) {
    this.id = options.id;
    this.protocol = options.protocol;
    this.clientAddress = options.clientAddress;
    this.serverAddress = options.serverAddress;
    this.pushDomain = options.pushDomain;
    this.#options = options;
    this.#meter = new StreamMeter(options.clock);
  }

  /** Begins to publish: the stream is this publisher's. */
  begin(publication: Publication): void {
    const { connection, clock, publisherSilenceMs } = this.#options;
    this.#publication = publication;
    connection.admit(DEFAULT_CHUNK_LIMITS);
    this.#silence = new IdleTimer(clock, publisherSilenceMs, () =>
      connection.close('the publisher sent no media for too long', 'drop'),
    );
  }

  /** Takes an audio, video, data or aggregate message. @throws RtmpError when it is malformed */
  take(message: RtmpMessage): void {
    if (message.type !== MessageType.aggregate) {
      this.#push(message);
      return;
    }
    // Each part is pushed on its own, so that a cut in between stops the rest.
    for (const part of splitAggregate(message)) this.#push(part);
  }

  cut(reason: string): void {
    this.#publication?.cut();
    this.#release();
    const status = { level: 'error', code: 'NetStream.Publish.Rejected', description: reason } as const;
    this.#options.connection.close(`cut: ${reason}`, 'reset', onStatus(MEDIA_STREAM_ID, status));
  }

  /** Ends the publish from the publisher's side; does nothing after a cut. */
  end(reason: string): void {
    const publication = this.#publication;
    this.#release();
    publication?.end(reason);
  }

  stats(): StreamStats {
    return this.#meter.stats();
  }

  #release(): void {
    this.#publication = undefined;
    this.#silence?.cancel();
  }

  #push(message: RtmpMessage): void {
    const publication = this.#publication;
    const frame = publication && readMedia(message);
    if (!frame) return;
    const now = this.#options.clock.monotonic();
    // Only what a player sees or hears counts: neither data nor messages without media hold a stream.
    if (frame.video ?? frame.audio) this.#silence?.touch(now);
    this.#meter.add(frame, now);
    publication.push(frame);
  }
}
