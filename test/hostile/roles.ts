import { expect } from 'vitest';
import { encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import { videoFrame } from '../support/frames.ts';
import type { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';
import { reach, rtmp } from './attack.ts';
import type { Attack, Stage } from './attack.ts';
import { CANARY, FOREIGN } from './canary.ts';

const media = (index = 0): ReturnType<typeof videoFrame> => videoFrame(index, FOREIGN + index, { key: true });
const metadata = { type: 18, payload: encodeAmf0('@setDataFrame', 'onMetaData', { evil: 1 }) };

/** Asks for the canary's stream, which is taken. */
const askInVain = (peer: RtmpPeer): void => peer.command('publish', 3, null, CANARY, 'live');

/** Sends frames for as long as the socket takes them, whatever it is told. */
async function insist(peer: RtmpPeer): Promise<void> {
  let sent = 0;
  await until(() => {
    for (let i = 0; i < 10; i++) peer.send(media(sent++));
    return peer.isClosed;
  }, 'the socket to be gone');
}

/** Peers that shake hands properly and then do what is not theirs to do. */
export const ROLES: readonly Attack[] = [
  rtmp('publish without connect', ['handshake', 'closed'], (peer) => askInVain(peer)),
  rtmp('play without connect', ['handshake', 'closed'], (peer) => peer.command('play', 3, null, CANARY)),
  rtmp('createStream without connect', ['handshake', 'closed'], (peer) =>
    peer.command('createStream', 2, null),
  ),
  rtmp('media without connect', ['handshake', 'closed'], (peer) => peer.send(media())),
  rtmp('media from one who never asked to publish', ['connect', 'closed'], (peer) => peer.send(media())),
  rtmp('empty media from one who never asked to publish', ['connect', 'closed'], (peer) =>
    peer.send({ type: 9, payload: Buffer.alloc(0) }),
  ),
  rtmp('media from a player of the stream', ['play', 'closed'], (peer) => peer.send(media())),
  rtmp('metadata from a player of the stream', ['play', 'closed'], (peer) => peer.send(metadata)),
  rtmp('publish from a player of the stream', ['play', 'closed'], (peer) => {
    peer.command('publish', 4, null, 'other', 'live');
    peer.send(media());
  }),
  rtmp('a second play on the connection', ['play', 'closed'], (peer) =>
    peer.command('play', 4, null, 'other'),
  ),
  rtmp('a second publish on the connection', ['publish', 'closed'], (peer) =>
    peer.command('publish', 4, null, 'other', 'live'),
  ),
  rtmp('a second publish of the same stream', ['publish', 'closed'], (peer) =>
    peer.command('publish', 4, null, 'victim', 'live'),
  ),
  rtmp('a second publish, of a stream that is taken', ['publish', 'closed'], (peer) => {
    askInVain(peer);
    peer.send(media());
  }),
  rtmp('play on a connection that publishes', ['publish', 'closed'], (peer) =>
    peer.command('play', 4, null, CANARY),
  ),
  rtmp('media from a publisher that was refused', ['connect', 'closed'], (peer) => {
    askInVain(peer);
    for (let i = 0; i < 10; i++) peer.send(media(i));
    peer.send(metadata);
  }),
  rtmp('publish again after a refusal, of a stream that is free', ['connect', 'closed'], async (peer) => {
    askInVain(peer);
    peer.command('publish', 4, null, 'other', 'live');
    await until(() => peer.codes().length > 0, 'the refusal');
    peer.command('publish', 5, null, 'other', 'live');
    peer.send(media());
    await until(() => peer.isClosed, 'the end');
    expect(peer.codes()).toEqual(['NetStream.Publish.BadName']);
  }),
  {
    name: 'a refused publisher that ignores FIN and sends on',
    outcome: 'closed',
    protocol: 'rtmp',
    begin: async ({ rtmpPort }) => {
      const peer = await reach('connect', rtmpPort, { allowHalfOpen: true });
      askInVain(peer);
      await until(() => peer.isEnded, 'the FIN of the server');
      await insist(peer);
      return peer;
    },
  },
  ...(['tcp', 'handshake', 'connect', 'play', 'publish'] satisfies Stage[]).map((stage): Attack => ({
    name: `half-open: FIN after ${stage}, and nothing is closed`,
    outcome: 'closed',
    protocol: 'rtmp',
    begin: async ({ rtmpPort }) => {
      const peer = await reach(stage, rtmpPort, { allowHalfOpen: true });
      await until(() => !peer.socket.connecting, 'the connection');
      peer.socket.end();
      return peer;
    },
  })),
  rtmp('an encoder that never reads', ['publish', 'tolerated'], (peer) => {
    peer.socket.pause();
    for (let i = 0; i < 40; i++) peer.send(videoFrame(i * 40, 0, { key: true, size: 100_000 }));
  }),
];
