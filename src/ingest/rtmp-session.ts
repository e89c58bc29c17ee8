import type { Timer } from '../base/clock.ts';
import type { PeerRequest } from '../core/admission.ts';
import { parseCommand } from '../wire/rtmp/commands.ts';
import type { RtmpCommand } from '../wire/rtmp/commands.ts';
import {
  parseControlValue,
  parseUserControl,
  pingRequest,
  pingResponse,
  setChunkSize,
  setPeerBandwidth,
  windowAckSize,
} from '../wire/rtmp/control.ts';
import { MessageType, RtmpError } from '../wire/rtmp/messages.ts';
import type { RtmpMessage } from '../wire/rtmp/messages.ts';
import {
  connectResult,
  createStreamResult,
  emptyResult,
  onBWDone,
  onFCPublish,
  onFCUnpublish,
} from '../wire/rtmp/responses.ts';
import { MEDIA_STREAM_ID } from './frame.ts';
import type { IngestContext, OpenConnection } from './ingest-context.ts';
import { LivePlayer } from './live-player.ts';
import { connectNames, rtmpRequest, targetOf } from './peer-names.ts';
import type { ConnectNames } from './peer-names.ts';
import type { ConnectionEvents, RtmpConnection } from './rtmp-connection.ts';
import { mediaStatus, RtmpOutlet } from './rtmp-outlet.ts';
import { RtmpPublisher } from './rtmp-publisher.ts';

/** Who the peer is. */
export interface RtmpPeer {
  /** Unique in this process. */
  readonly id: string;
  readonly protocol: 'rtmp' | 'rtmps';
  readonly clientAddress: string;
  readonly serverAddress: string;
}

type CommandOf<Name extends RtmpCommand['name']> = Extract<RtmpCommand, { name: Name }>;

/** Window sizes that we announce, in bytes. */
const WINDOW = 2_500_000;
const PING_MS = 30_000;

/** Turns an RTMP peer's commands into publishing or playing. One connection does one of them, once at a time. */
export class RtmpSession implements ConnectionEvents, OpenConnection {
  readonly #context: IngestContext;
  readonly #connection: RtmpConnection;
  readonly #peer: RtmpPeer;
  readonly #onClosed: (reason: string, target: string | undefined) => void;
  #names: ConnectNames | undefined;
  #publisher: RtmpPublisher | undefined;
  #player: LivePlayer | undefined;
  #target: string | undefined;
  #playWait: Timer | undefined;
  #ping: Timer | undefined;

  constructor(
    context: IngestContext,
    connection: RtmpConnection,
    peer: RtmpPeer & { onClosed: (reason: string, target: string | undefined) => void },
  ) {
    this.#context = context;
    this.#connection = connection;
    this.#peer = peer;
    this.#onClosed = peer.onClosed;
  }

  get isIdle(): boolean {
    return !this.#publisher && !this.#player && !this.#connection.isClosing;
  }

  drop(reason: string): void {
    this.#connection.drop(reason);
  }

  onReady(): void {
    const { clock } = this.#context;
    this.#ping = clock.every(PING_MS, () => this.#connection.send(pingRequest(clock.now())));
  }

  onMessage(message: RtmpMessage): void {
    switch (message.type) {
      case MessageType.audio:
      case MessageType.video:
      case MessageType.aggregate:
      case MessageType.dataAmf0:
      case MessageType.dataAmf3:
        if (!this.#publisher) throw new RtmpError('media from a connection that does not publish');
        {
          this.#publisher.take(message);
          return;
        }
      case MessageType.commandAmf0:
      case MessageType.commandAmf3: {
        this.#onCommand(parseCommand(message));
        return;
      }
      case MessageType.windowAckSize: {
        this.#connection.acknowledgeEvery(parseControlValue(message));
        return;
      }
      case MessageType.userControl: {
        this.#onUserControl(message);
        return;
      }
      default:
      // Acknowledgements, bandwidth and shared objects need no answer.
    }
  }

  onDrain(): void {
    this.#player?.queue.drained();
  }

  onClosing(reason: string): void {
    this.#ping?.cancel();
    this.#endRole(reason);
  }

  onClosed(reason: string): void {
    this.#onClosed(reason, this.#target);
  }

  #onUserControl(message: RtmpMessage): void {
    const control = parseUserControl(message);
    if (control.event === 'pingRequest') this.#connection.send(pingResponse(control.time));
  }

  #onCommand(command: RtmpCommand): void {
    if (command.name === 'connect') {
      this.#onConnect(command);
      return;
    }
    const names = this.#names;
    if (!names) throw new RtmpError('command before connect');
    switch (command.name) {
      case 'createStream': {
        this.#connection.send(createStreamResult(command.transactionId, MEDIA_STREAM_ID));
        return;
      }
      case 'publish': {
        this.#onPublish(names, command);
        return;
      }
      case 'play': {
        this.#onPlay(names, command);
        return;
      }
      case 'pause': {
        this.#onPause(command);
        return;
      }
      case 'FCUnpublish':
        this.#connection.send(onFCUnpublish(command.stream));
        {
          this.#stop(command);
          return;
        }
      case 'deleteStream':
      case 'closeStream': {
        this.#stop(command);
        return;
      }
      case '_result':
      case '_error':
      case 'onStatus':
        return;
      default: {
        this.#answer(command);
        return;
      }
    }
  }

  #onConnect(command: CommandOf<'connect'>): void {
    if (this.#names) throw new RtmpError('connect twice');
    this.#names = connectNames(command);
    const { chunkSize } = this.#context.limits;
    this.#connection.send(windowAckSize(WINDOW), setPeerBandwidth(WINDOW), setChunkSize(chunkSize));
    this.#connection.useLargeChunks();
    this.#connection.send(connectResult(command), onBWDone());
  }

  #onPublish(names: ConnectNames, { stream: name }: CommandOf<'publish'>): void {
    if (this.#publisher || this.#player) throw new RtmpError('publish on a connection that is in use');
    const { core, clock, hubs, limits } = this.#context;
    const { clientAddress } = this.#peer;
    const request = rtmpRequest(names, name, { kind: 'publish', clientAddress });
    this.#target = targetOf(request);
    const admission = core.admit(request);
    if (!admission.ok) {
      this.#refuse(request, admission);
      return;
    }
    const publisher = new RtmpPublisher({
      ...this.#peer,
      pushDomain: admission.namedDomain,
      connection: this.#connection,
      clock,
      publisherSilenceMs: limits.publisherSilenceMs,
    });
    this.#target = targetOf(admission.key);
    const publication = hubs.attachPublisher(admission.key, publisher);
    if (typeof publication === 'string') {
      this.#refuse(request, { problem: publication, message: ATTACH_MESSAGES[publication] });
      return;
    }
    this.#publisher = publisher;
    publisher.begin(publication);
    this.#note('publishing');
    this.#connection.send(
      onFCPublish(request.stream),
      mediaStatus('status', 'NetStream.Publish.Start', `${request.stream} is now published.`),
    );
  }

  #onPlay(names: ConnectNames, { stream: name, reset }: CommandOf<'play'>): void {
    if (this.#publisher || this.#player) throw new RtmpError('play on a connection that is in use');
    const { core, clock, hubs, limits, meter } = this.#context;
    const { clientAddress } = this.#peer;
    const request = rtmpRequest(names, name, { kind: 'play', clientAddress });
    this.#target = targetOf(request);
    const admission = core.admit(request);
    if (!admission.ok) {
      this.#refuse(request, admission);
      return;
    }
    this.#target = targetOf(admission.key);
    this.#connection.admit({});
    const connection = this.#connection;
    const { stream } = request;
    const onBegin = (): void => {
      this.#playWait?.cancel();
      this.#note('playing');
    };
    const outlet = new RtmpOutlet({ connection, stream, reset, onBegin });
    this.#player = new LivePlayer({ ...this.#peer, outlet, clock, meter, limits });
    if (hubs.attachPlayer(admission.key, this.#player)) return;
    this.#playWait = clock.after(limits.playWaitMs, () => this.#notFound(stream));
  }

  #notFound(stream: string): void {
    const status = mediaStatus('error', 'NetStream.Play.StreamNotFound', `${stream} is not live.`);
    this.#connection.close('the stream did not begin in time', 'refuse', status);
  }

  /** Tells the peer why it may not publish or play, notes it, and ends the connection. */
  #refuse(request: PeerRequest, { problem, message }: { problem: string; message: string }): void {
    const { core, clock, meter } = this.#context;
    const { kind, clientAddress } = request;
    meter.peerRefused(kind, problem);
    const target = targetOf(request);
    if (kind === 'publish')
      core.store.audit.refusedPublish({ at: clock.now(), clientAddress, target, problem });
    const verb = kind === 'publish' ? 'Publish' : 'Play';
    const code = `NetStream.${verb}.${problem === 'busy' ? 'BadName' : 'Unauthorized'}`;
    const status = mediaStatus('error', code, message);
    this.#connection.close(`${kind} refused: ${problem}`, 'refuse', status);
  }

  #onPause({ paused }: CommandOf<'pause'>): void {
    if (!this.#player) return;
    const verb = paused ? 'Pause' : 'Unpause';
    this.#connection.send(mediaStatus('status', `NetStream.${verb}.Notify`, `${verb}d.`));
    if (paused) this.#player.pause();
    else this.#player.resume();
  }

  #stop(command: RtmpCommand): void {
    if (command.transactionId > 0) this.#connection.send(emptyResult(command.transactionId));
    if (!this.#publisher && !this.#player) return;
    if (this.#publisher)
      this.#connection.send(mediaStatus('status', 'NetStream.Unpublish.Success', 'Unpublished.'));
    this.#endRole('the peer stopped');
    this.#connection.peerStopped();
  }

  #note(what: 'publishing' | 'playing'): void {
    const { id: conn, protocol, clientAddress: address } = this.#peer;
    this.#context.log.info({ conn, protocol, address, stream: this.#target }, what);
  }

  /** Calls without a result here: releaseStream, FCPublish, getStreamLength, _checkbw and unknown ones. */
  #answer({ name, transactionId }: RtmpCommand): void {
    if (transactionId <= 0) return;
    this.#connection.send(emptyResult(transactionId, name === 'getStreamLength' ? 0 : undefined));
  }

  #endRole(reason: string): void {
    this.#playWait?.cancel();
    const publisher = this.#publisher;
    const player = this.#player;
    this.#publisher = undefined;
    this.#player = undefined;
    publisher?.end(reason);
    player?.leave();
  }
}

const ATTACH_MESSAGES = {
  blocked: 'the stream is forbidden',
  busy: 'another publisher is live on this stream',
} as const;
