import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encodeAmf0 } from '../../src/wire/rtmp/amf0.ts';
import { ChunkReader } from '../../src/wire/rtmp/chunk-reader.ts';
import { encodeMessage } from '../../src/wire/rtmp/chunk-writer.ts';
import {
  RtmpClientSession,
  type ClientEvent,
  type ClientOptions,
} from '../../src/wire/rtmp/client-session.ts';
import { parseCommand, type RtmpCommand } from '../../src/wire/rtmp/commands.ts';
import * as control from '../../src/wire/rtmp/control.ts';
import { ServerHandshake } from '../../src/wire/rtmp/handshake.ts';
import { MessageType, type RtmpMessage } from '../../src/wire/rtmp/messages.ts';
import * as responses from '../../src/wire/rtmp/responses.ts';

/** A server that answers commands by a table; both ends stand in memory. */
class ScriptedServer {
  readonly received: RtmpMessage[] = [];
  readonly events: ClientEvent[] = [];
  readonly client: RtmpClientSession;
  readonly #handshake = new ServerHandshake({ randomBytes });
  readonly #reader = new ChunkReader();
  readonly #answer: (command: RtmpCommand) => RtmpMessage[];
  #shaken = false;

  constructor(options: Partial<ClientOptions>, answer: (command: RtmpCommand) => RtmpMessage[]) {
    this.#answer = answer;
    this.client = new RtmpClientSession({
      mode: 'publish',
      tcUrl: 'rtmp://push.example.com/live',
      app: 'live',
      stream: 'cam1?auth_key=k',
      randomBytes,
      ...options,
    });
    this.take(this.client.start());
  }

  /** Bytes from the client. */
  take(bytes: Buffer): void {
    let rest = bytes;
    if (!this.#shaken) {
      const step = this.#handshake.push(bytes);
      this.#shaken = step.done;
      rest = step.rest;
      if (step.send) this.#toClient(step.send);
    }
    this.#reader.push(rest);
    for (let message = this.#reader.next(); message; message = this.#reader.next()) {
      this.received.push(message);
      if (message.type === MessageType.commandAmf0) this.send(...this.#answer(parseCommand(message)));
    }
  }

  send(...messages: RtmpMessage[]): void {
    for (const message of messages) this.#toClient(encodeMessage(message, 128));
  }

  get commands(): RtmpCommand[] {
    return this.received.filter((m) => m.type === MessageType.commandAmf0).map(parseCommand);
  }

  #toClient(bytes: Buffer): void {
    const { send, events } = this.client.push(bytes);
    this.events.push(...events);
    for (const one of send) this.take(one);
  }
}

const start = (code: string): RtmpMessage =>
  responses.onStatus(1, { level: 'status', code, description: 'go' });

const refuse = (transactionId: number, status: { code: string; description: string }): RtmpMessage =>
  responses.command('_error', { transactionId, values: [null, { level: 'error', ...status }] });

function accept(command: RtmpCommand): RtmpMessage[] {
  switch (command.name) {
    case 'connect':
      return [responses.connectResult(command)];
    case 'createStream':
      return [responses.createStreamResult(command.transactionId, 1)];
    case 'publish':
      return [start('NetStream.Publish.Start')];
    case 'play':
      return [control.streamBegin(1), start('NetStream.Play.Reset'), start('NetStream.Play.Start')];
    case 'releaseStream':
    case 'FCPublish':
      return [refuse(command.transactionId, { code: 'x', description: 'not known here' })];
    default:
      return [];
  }
}

describe('publish', () => {
  test('commands in order, then ready, though optional ones are refused', () => {
    const server = new ScriptedServer({}, accept);
    expect(server.commands.map((command) => command.name)).toEqual([
      'connect',
      'releaseStream',
      'FCPublish',
      'createStream',
      'publish',
    ]);
    expect(server.commands[0]).toMatchObject({ app: 'live', tcUrl: 'rtmp://push.example.com/live' });
    expect(server.commands.at(-1)).toMatchObject({ stream: 'cam1?auth_key=k', type: 'live', streamId: 1 });
    expect(server.events.map((event) => event.type)).toEqual(['status', 'ready']);
    expect(server.client.ready).toBe(true);
  });

  test.each([1, 100, 4096, 1 << 20])('media arrives whole with chunks of %i', (chunkSize) => {
    const server = new ScriptedServer({ chunkSize }, accept);
    const payload = Buffer.from(randomBytes(10_000));
    const timestamp = 0x01000001;
    server.take(server.client.encodeMedia({ type: MessageType.video, timestamp, payload }));
    server.take(server.client.encodeMedia({ type: MessageType.audio, timestamp: 0, payload }));
    expect(server.received.slice(-2)).toMatchObject([
      { type: 9, streamId: 1, timestamp, payload },
      { type: 8, streamId: 1, timestamp: 0, payload },
    ]);
  });

  test('an orderly end', () => {
    const server = new ScriptedServer({}, accept);
    server.take(server.client.finish());
    expect(server.commands.slice(-2)).toMatchObject([
      { name: 'FCUnpublish', stream: 'cam1?auth_key=k' },
      { name: 'deleteStream', deletedStreamId: 1 },
    ]);
  });

  test('a refused connection', () => {
    const refusal = { code: 'NetConnection.Connect.Rejected', description: 'forbidden' };
    const server = new ScriptedServer({}, () => [refuse(1, refusal)]);
    expect(server.events).toEqual([
      { type: 'status', level: 'error', ...refusal },
      { type: 'closed', code: 'NetConnection.Connect.Rejected' },
    ]);
  });

  test('a refused stream, and closed only once', () => {
    const status = {
      level: 'error',
      code: 'NetStream.Publish.Unauthorized',
      description: 'blocked',
    } as const;
    const server = new ScriptedServer({}, (command) =>
      command.name === 'publish'
        ? [responses.onStatus(1, status), responses.onStatus(1, status)]
        : accept(command),
    );
    expect(server.events.map((event) => event.type)).toEqual(['status', 'closed', 'status']);
    expect(server.client.ready).toBe(false);
  });

  test('pings are answered', () => {
    const server = new ScriptedServer({}, accept);
    server.send(control.pingRequest(77));
    expect(control.parseUserControl(server.received.at(-1)!)).toEqual({ event: 'pingResponse', time: 77 });
  });
});

describe('play', () => {
  test('ready, media, end', () => {
    const server = new ScriptedServer({ mode: 'play' }, accept);
    expect(server.commands.map((command) => command.name)).toEqual(['connect', 'createStream', 'play']);
    expect(server.events.map((event) => event.type)).toEqual(['status', 'status', 'ready']);
    const media = { type: 9, streamId: 1, chunkStreamId: 6, timestamp: 40, payload: Buffer.from('frame') };
    const data = { ...media, type: MessageType.dataAmf0, payload: encodeAmf0('onMetaData', { width: 320 }) };
    server.send(data, media, control.streamEof(1));
    expect(server.events.slice(3)).toEqual([
      { type: 'media', message: data },
      { type: 'media', message: media },
      { type: 'closed', code: 'StreamEOF' },
    ]);
  });

  test('what was received is acknowledged after every window', () => {
    const server = new ScriptedServer({ mode: 'play' }, accept);
    const acknowledged = () => server.received.filter((m) => m.type === MessageType.acknowledgement);
    server.send(control.windowAckSize(10_000));
    const media = { type: 9, streamId: 1, chunkStreamId: 6, timestamp: 0, payload: Buffer.alloc(4000) };
    server.send(media);
    const early = acknowledged().length;
    server.send(media, media, media);
    expect(acknowledged().length).toBe(early + 1);
    expect(control.parseControlValue(acknowledged().at(-1)!)).toBeGreaterThan(10_000);
  });
});
