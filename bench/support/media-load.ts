import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Publishers and players of 1 Mbit/s each, 25 pictures and 43 sounds a second, a keyframe every two seconds. */
export interface MediaLoad {
  readonly rtmpPort: number;
  readonly publishers: number;
  /** Players of the first publisher's stream. */
  readonly players: number;
  /** How they play; `httpPort` is where HTTP-FLV is. */
  readonly over: 'rtmp' | { readonly httpPort: number };
  /** Bytes of a picture; absent: what makes 1 Mbit/s. */
  readonly pictureBytes?: number;
}

/** What has come and gone since the load began, of all its connections. */
export interface MediaCounts {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Connections that are gone though they should not be. */
  readonly lost: number;
}

/** A load that runs, in a process of its own so that it takes nothing of the server's or the measuring process' time. */
export interface RunningLoad extends AsyncDisposable {
  counts(): Promise<MediaCounts>;
}

/** Connects everybody; resolves when all publish and play. */
export async function startMediaLoad(load: MediaLoad): Promise<RunningLoad> {
  const child = fork(new URL('./media-load-process.ts', import.meta.url), [JSON.stringify(load)], {
    execArgv: ['--import', 'tsx'],
  });
  const answer = async (): Promise<MediaCounts> => {
    const failed = once(child, 'exit').then(() => {
      throw new Error('the load ended: more above');
    });
    const [counts] = (await Promise.race([once(child, 'message'), failed])) as [MediaCounts];
    return counts;
  };
  await answer();
  return {
    counts: () => {
      child.send('counts');
      return answer();
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
