import type { IncomingMessage } from 'node:http';
import { clientAddress } from '../base/client-address.ts';
import type { StreamKey } from '../core/names.ts';
import type { FlvOutlet } from './flv-outlets.ts';
import type { IngestContext } from './ingest-context.ts';
import { LivePlayer } from './live-player.ts';
import { flvRequest, targetOf } from './peer-names.ts';

/** A player over HTTP or WebSocket that may play now. */
export interface AdmittedPlayer {
  readonly key: StreamKey;
  readonly clientAddress: string;
  /** For the log. */
  readonly target: string;
  /** Gives back its place under the limits of connections. */
  readonly release: () => void;
}

/** Why a request does not become a player: HTTP status, a code and a text for people. */
export interface PlaybackRefusal {
  readonly status: 403 | 404 | 503;
  readonly code: string;
  readonly message: string;
}

/** Whether a request may play; undefined when its path is not that of a stream. */
export function admitFlv(
  context: IngestContext,
  request: IncomingMessage,
): { admitted: AdmittedPlayer } | { refusal: PlaybackRefusal } | undefined {
  const { core, caps, meter, trustedProxies } = context;
  const { url = '/', headers, socket } = request;
  const address = clientAddress(socket.remoteAddress, headers['x-forwarded-for'], trustedProxies);
  const asked = flvRequest(url, headers.host, address);
  if (!asked) return undefined;
  const admission = core.admit(asked);
  if (!admission.ok) {
    meter.peerRefused('play', admission.problem);
    return { refusal: { status: 403, code: admission.problem, message: admission.message } };
  }
  const { key } = admission;
  if (!core.streams.live(key))
    return { refusal: { status: 404, code: 'not-live', message: 'the stream is not live' } };
  const release = caps.take(address);
  if (typeof release === 'string') {
    meter.connectionRefused(release);
    return { refusal: { status: 503, code: 'too-many', message: 'too many connections' } };
  }
  return { admitted: { key, clientAddress: address, target: targetOf(asked), release } };
}

/** Plays a stream over HTTP or WebSocket until one side ends it. */
export function playFlv(
  context: IngestContext,
  { key, clientAddress: address, target, release }: AdmittedPlayer,
  { outlet, protocol }: { outlet: FlvOutlet; protocol: 'http-flv' | 'ws-flv' },
): void {
  const { clock, ids, log, meter, limits, hubs, open } = context;
  const id = ids.uuid();
  const player = new LivePlayer({ id, protocol, clientAddress: address, outlet, clock, meter, limits });
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
      log.info(
        { conn: id, protocol, address, stream: target },
        `closed: ${outlet.reason ?? 'the peer closed'}`,
      );
    },
  });
  hubs.attachPlayer(key, player);
}
