import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { until } from '../support/wait.ts';
import { CANARY } from './canary.ts';
import type { Target } from './target.ts';

/** A peer that attacks, as far as the runner has to do with it. */
interface Attacker {
  /** Whether its socket is gone. */
  readonly isClosed: boolean;
  destroy(): void;
}

/** What one bad peer does, and whether the service ends its connection or puts up with it. */
export interface Attack {
  readonly name: string;
  /** Connects and does it. */
  readonly begin: (target: Target) => Promise<Attacker>;
  readonly outcome: 'closed' | 'tolerated';
  /** Every RTMP connection leaves one line in the log. */
  readonly protocol: 'rtmp' | 'http';
}

/** How far an RTMP peer behaves before: a socket, a handshake, `connect`, a stream of its own, the canary's player. */
export type Stage = 'tcp' | 'handshake' | 'connect' | 'publish' | 'play';

/** An attack over RTMP. */
export function rtmp(
  name: string,
  [stage, outcome]: readonly [Stage, Attack['outcome']],
  attack: (peer: RtmpPeer, target: Target) => void | Promise<void>,
): Attack {
  const begin = async (target: Target): Promise<RtmpPeer> => {
    const peer = await reach(stage, target.rtmpPort);
    await attack(peer, target);
    return peer;
  };
  return { name, outcome, protocol: 'rtmp', begin };
}

/** A peer at this stage. */
export async function reach(
  stage: Stage,
  port: number,
  options: { allowHalfOpen?: boolean } = {},
): Promise<RtmpPeer> {
  if (stage === 'publish') return RtmpPeer.publishing(port, 'victim', options);
  if (stage === 'connect') return RtmpPeer.connected(port, options);
  if (stage === 'play') {
    const peer = await RtmpPeer.connected(port, options);
    peer.command('play', 3, null, CANARY);
    await until(() => peer.codes().includes('NetStream.Play.Start'), 'playing');
    return peer;
  }
  const peer = new RtmpPeer(port, options);
  if (stage === 'handshake') await peer.handshake();
  return peer;
}

/** A bare socket that writes what it is told, whatever it is. */
export class RawPeer implements Attacker {
  readonly socket: Socket;
  /** What came back, as latin1. */
  text = '';
  #closed = false;

  constructor(port: number, bytes: string | Buffer = '', options: { allowHalfOpen?: boolean } = {}) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, ...options });
    this.socket.on('data', (data: Buffer) => (this.text += data.toString('latin1')));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.#closed = true));
    if (bytes.length > 0) this.write(bytes);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  write(bytes: string | Buffer): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** Waits until this came back, or the end. */
  async waitFor(what: string): Promise<void> {
    await until(() => this.isClosed || this.text.includes(what), what);
  }

  destroy(): void {
    this.socket.destroy();
  }
}
