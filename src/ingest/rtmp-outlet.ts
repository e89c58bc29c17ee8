import { streamBegin, streamEof } from '../wire/rtmp/control.ts';
import { onStatus, sampleAccess } from '../wire/rtmp/responses.ts';
import type { Status } from '../wire/rtmp/responses.ts';
import { MEDIA_STREAM_ID } from './frame.ts';
import type { Outlet } from './live-player.ts';
import type { RtmpConnection } from './rtmp-connection.ts';

/** A status of the one media stream. */
export function mediaStatus(
  level: Status['level'],
  code: string,
  description: string,
): ReturnType<typeof onStatus> {
  return onStatus(MEDIA_STREAM_ID, { level, code, description });
}

/** What an outlet needs. */
export interface RtmpOutletOptions {
  readonly connection: RtmpConnection;
  /** Stream name without arguments, for the status texts. */
  readonly stream: string;
  /** The player asked for a reset of its playlist, and is told of it. */
  readonly reset: boolean;
  /** The stream has begun. */
  readonly onBegin: () => void;
}

/** An RTMP connection as the outlet of a player. */
export class RtmpOutlet implements Outlet {
  readonly packaging = 'rtmp';
  readonly #options: RtmpOutletOptions;
  #begun = false;

  constructor(options: RtmpOutletOptions) {
    this.#options = options;
  }

  write(bytes: Buffer): boolean {
    return this.#options.connection.write(bytes);
  }

  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    const { connection, stream, reset, onBegin } = this.#options;
    connection.send(streamBegin(MEDIA_STREAM_ID));
    if (reset)
      connection.send(mediaStatus('status', 'NetStream.Play.Reset', `Playing and resetting ${stream}.`));
    connection.send(
      mediaStatus('status', 'NetStream.Play.Start', `Started playing ${stream}.`),
      sampleAccess(MEDIA_STREAM_ID),
    );
    onBegin();
  }

  end(reason: string): void {
    const { connection } = this.#options;
    connection.close(
      reason,
      'end',
      streamEof(MEDIA_STREAM_ID),
      mediaStatus('status', 'NetStream.Play.UnpublishNotify', reason),
      mediaStatus('status', 'NetStream.Play.Stop', reason),
    );
  }

  drop(reason: string): void {
    this.#options.connection.close(reason, 'drop');
  }
}
