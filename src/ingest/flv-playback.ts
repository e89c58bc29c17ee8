import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { clientAddress, socketClient } from '../base/client-address.ts';
import type { Clock } from '../base/clock.ts';
import type { StreamKey } from '../core/names.ts';
import type { FlvOutlet } from './flv-outlets.ts';
import type { IngestContext } from './ingest-context.ts';
import { LivePlayer } from './live-player.ts';
import { flvRequest, targetOf } from './peer-names.ts';

/** Who asks to play over HTTP or WebSocket. */
export interface FlvPeer {
  /** Unique in this process. */
  readonly id: string;
  readonly protocol: 'http-flv' | 'ws-flv';
  readonly clientAddress: string;
  /** What it asked for or, once it is admitted, plays; for the log. */
  readonly target: string;
  readonly socket: Socket;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
}

/** A player over HTTP or WebSocket that may play now. */
export interface AdmittedPlayer {
  readonly key: StreamKey;
  readonly peer: FlvPeer;
  /** Gives back its place under the limits of connections. */
  readonly release: () => void;
}

/** Why a request does not become a player: HTTP status, a code and a text for people. */
export interface PlaybackRefusal {
  readonly status: 400 | 403 | 404 | 503;
  readonly code: string;
  readonly message: string;
}

/** Whether a request may play; undefined when its path is not that of a stream. A refusal is logged. */
export function admitFlv(
  context: IngestContext,
  request: IncomingMessage,
  protocol: FlvPeer['protocol'],
): { admitted: AdmittedPlayer } | { refusal: PlaybackRefusal } | undefined {
  const { core, caps, clock, ids, meter, trustedProxies } = context;
  const { url = '/', headers, socket } = request;
  const address = clientAddress(socketClient(socket), headers['x-forwarded-for'], trustedProxies);
  const asked = flvRequest(url, headers.host, address);
  if (!asked) return undefined;
  const who = { id: ids.uuid(), protocol, clientAddress: address, socket, startedAt: clock.monotonic() };
  const admission = core.admit(asked);
  if (!admission.ok) {
    meter.peerRefused('play', admission.problem);
    const refusal = { status: 403, code: admission.problem, message: admission.message } as const;
    return refuseFlv(context, { ...who, target: targetOf(asked) }, refusal);
  }
  const { key } = admission;
  const peer = { ...who, target: targetOf(key) };
  if (!core.streams.live(key)) return refuseFlv(context, peer, NOT_LIVE);
  const release = caps.take(address);
  if (typeof release === 'string') {
    meter.connectionRefused(release);
    return refuseFlv(context, peer, TOO_MANY);
  }
  return { admitted: { key, peer, release } };
}

const NOT_LIVE: PlaybackRefusal = { status: 404, code: 'not-live', message: 'the stream is not live' };
const TOO_MANY: PlaybackRefusal = { status: 503, code: 'too-many', message: 'too many connections' };

/** Notes in the log that a player is refused. */
export function refuseFlv(
  { clock, log }: IngestContext,
  peer: FlvPeer,
  refusal: PlaybackRefusal,
): { refusal: PlaybackRefusal } {
  // As with RTMP: who opens too many connections does not fill the log as well.
  const level = refusal === TOO_MANY ? 'debug' : 'info';
  log[level](closingOf(peer, clock), `closed: play refused: ${refusal.code}`);
  return { refusal };
}

/** Plays a stream over HTTP or WebSocket until one side ends it. */
export function playFlv(
  context: IngestContext,
  { key, peer, release }: AdmittedPlayer,
  outlet: FlvOutlet,
): void {
  const { clock, log, meter, limits, hubs, open } = context;
  const { protocol } = peer;
  const player = new LivePlayer({ ...peer, outlet, clock, meter, limits });
  meter.connectionOpened(protocol);
  const connection = { isIdle: false, drop: (reason: string) => outlet.drop(reason) };
  open.add(connection);
  outlet.listen({
    drained: () => player.queue.drained(),
    closed: () => {
      if (!open.delete(connection)) return;
      player.leave();
      release();
      meter.connectionClosed(protocol);
      log.info(closingOf(peer, clock), `closed: ${outlet.reason ?? 'the peer closed'}`);
    },
  });
  const { id: conn, clientAddress: address, target: stream } = peer;
  log.info({ conn, protocol, address, stream }, 'playing');
  hubs.attachPlayer(key, player);
}

/** What the last line about a player says of it; the bytes are those of its connection, as with RTMP. */
function closingOf(peer: FlvPeer, clock: Clock): object {
  const { id: conn, protocol, clientAddress: address, socket, target: stream } = peer;
  const { remotePort: port, bytesRead: bytesIn, bytesWritten: bytesOut } = socket;
  const seconds = Math.round((clock.monotonic() - peer.startedAt) / 10) / 100;
  return { conn, protocol, address, port, stream, bytesIn, bytesOut, seconds };
}
