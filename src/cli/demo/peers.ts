import { encodeAmf0 } from '../../wire/rtmp/amf0.ts';
import { TagType } from '../../wire/flv/tag.ts';
import type { FlvTag } from '../../wire/flv/tag.ts';
import { FlvLoop } from '../flv-loop.ts';
import { playFlv } from '../flv-player.ts';
import { connectRtmp } from '../rtmp-client.ts';
import type { RtmpEnd } from '../rtmp-client.ts';
import type { Stage } from './stage.ts';
import { Viewer } from './viewer.ts';

/** A publisher that sends the sample in real time until it ends. */
export interface Encoder {
  readonly ended: Promise<RtmpEnd>;
  close(): Promise<void>;
}

/** Connects and publishes. @throws RtmpRefusedError */
export async function publish(stage: Stage): Promise<Encoder> {
  const { clock, rtmp, tags } = stage;
  const client = await connectRtmp({ mode: 'publish', ...rtmp, clock });
  const loop = new FlvLoop({ tags, clock, send: (tag) => client.send(asEncoderSends(tag)) });
  void client.ended.then(() => loop.stop());
  return { ended: client.ended, close: () => client.close() };
}

/** Encoders put this command before the metadata that a file has alone. */
function asEncoderSends(tag: FlvTag): FlvTag {
  if (tag.type !== TagType.script) return tag;
  return { ...tag, payload: Buffer.concat([encodeAmf0('@setDataFrame'), tag.payload]) };
}

/** Two players of the stream, one by RTMP and one by HTTP-FLV. */
export interface Audience {
  readonly rtmp: Viewer;
  readonly flv: Viewer;
  /** When both have ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Begins to play by RTMP and HTTP-FLV. @throws when one of them is refused */
export async function watch(stage: Stage): Promise<Audience> {
  const { clock } = stage;
  const [rtmp, flv] = [new Viewer(clock), new Viewer(clock)];
  const onMedia = (message: { type: number; payload: Buffer }): void => rtmp.take(message);
  const rtmpPlayer = await connectRtmp({ mode: 'play', ...stage.rtmp, clock, onMedia });
  const flvPlayer = await playFlv({ url: stage.flvUrl, onTag: (tag) => flv.take(tag) });
  const ended = Promise.all([rtmpPlayer.ended, flvPlayer.ended]).then(() => undefined);
  const close = async (): Promise<void> => {
    flvPlayer.close();
    await rtmpPlayer.close();
    await ended;
  };
  return { rtmp, flv, ended, close };
}
