import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { expect } from 'vitest';
import { FlvRefusedError, playFlv } from '../../src/cli/flv-player.ts';
import { connectRtmp } from '../../src/cli/rtmp-client.ts';
import type { RtmpClient } from '../../src/cli/rtmp-client.ts';
import { FlvError, FlvReader } from '../../src/wire/flv/tag.ts';
import { collectingLogger } from '../support/collecting-logger.ts';
import { videoConfig, videoFrame } from '../support/frames.ts';
import { RtmpPeer } from '../support/rtmp-peer.ts';
import { startTestService } from '../support/service.ts';
import type { TestService } from '../support/service.ts';
import { apiBytes, flvAnswerBytes, playbackBytes } from './door-parts.ts';
import { exchange, expectErrorAnswer, readAnswers } from './exchange.ts';
import type { FuzzTarget } from './fuzz.ts';
import { chunkBytes } from './rtmp-parts.ts';

/** A whole service with a stream; what it logs as an error fails the test. */
class Door implements AsyncDisposable {
  readonly #sluice: TestService;
  readonly #publisher: RtmpClient;
  readonly #errors: () => Record<string, unknown>[];

  private constructor(sluice: TestService, publisher: RtmpClient, errors: () => Record<string, unknown>[]) {
    this.#sluice = sluice;
    this.#publisher = publisher;
    this.#errors = errors;
  }

  static async open(): Promise<Door> {
    const { log, lines } = collectingLogger('error');
    // The limit on failed calls would hide the rest of the pipeline.
    const sluice = await startTestService({ log, config: { api: { failuresPerSource: 100_000 } } });
    const { rtmpPort: port } = sluice.service;
    const options = { mode: 'publish', host: '127.0.0.1', port, app: 'live', stream: 'cam1' } as const;
    return new Door(sluice, await connectRtmp(options), lines);
  }

  get httpPort(): number {
    return this.#sluice.service.httpPort;
  }

  get rtmpPort(): number {
    return this.#sluice.service.rtmpPort;
  }

  /** What has to be so after every input: the stream goes on, and nothing failed inside. */
  expectWell(): void {
    this.#publisher.send(videoConfig());
    this.#publisher.send(videoFrame(0, 1, { key: true }));
    expect(this.#errors()).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#publisher.close();
    await this.#sluice[Symbol.asyncDispose]();
  }
}

/** A target that is a door of the service; each of them opens one of its own. */
function doorTarget(
  target: Omit<FuzzTarget, 'check' | 'open'>,
  check: (input: Buffer, door: Door) => Promise<void>,
): FuzzTarget {
  let door: Door | undefined;
  return {
    ...target,
    open: async () => (door = await Door.open()),
    async check(input) {
      if (!door) throw new Error('not open');
      await check(input, door);
      door.expectWell();
    },
  };
}

const HANDSHAKE = Buffer.concat([Buffer.of(3), Buffer.alloc(3072)]);

const rtmpDoor = doorTarget(
  { name: 'rtmp-door', made: chunkBytes.map((bytes) => Buffer.concat([HANDSHAKE, bytes])), runs: 40 },
  async (input, { rtmpPort }) => {
    await exchange(rtmpPort, input);
    const next = await RtmpPeer.connected(rtmpPort);
    expect(next.commands('_result')).toHaveLength(1);
    next.destroy();
  },
);

const NEXT = Buffer.from(
  'POST /?Action=DescribeLiveStreamState&Version=2016-11-01 HTTP/1.1\r\nHost: a\r\n\r\n',
);

async function expectNextAnswer(port: number): Promise<void> {
  const [next] = readAnswers(await exchange(port, NEXT));
  expect(next?.headers).toHaveProperty('x-acs-request-id');
  expectErrorAnswer(next!);
}

const httpApi = doorTarget({ name: 'http-api', made: apiBytes, runs: 60 }, async (input, { httpPort }) => {
  for (const answer of readAnswers(await exchange(httpPort, input))) {
    // 2xx without a signature is a preflight or the description of the API.
    if (answer.status < 400) continue;
    expect(answer.headers).toHaveProperty('x-acs-request-id');
    expectErrorAnswer(answer);
  }
  await expectNextAnswer(httpPort);
});

const httpFlv = doorTarget(
  { name: 'http-flv', made: playbackBytes, runs: 60 },
  async (input, { httpPort }) => {
    for (const answer of readAnswers(await exchange(httpPort, input))) {
      if (answer.status >= 400) expectErrorAnswer(answer);
      if (answer.status !== 200 || answer.headers['content-type'] !== 'video/x-flv') continue;
      const reader = new FlvReader();
      reader.push(answer.body);
      for (let tag = reader.next(); tag; tag = reader.next()) expect([8, 9, 18]).toContain(tag.type);
    }
    await expectNextAnswer(httpPort);
  },
);

/** Answers every request with the same bytes. */
class HostileServer implements AsyncDisposable {
  bytes: Buffer = Buffer.alloc(0);
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.end(this.bytes));
    });
  }

  static async open(): Promise<HostileServer> {
    const server = new HostileServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/live/cam1.flv`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let hostile: HostileServer | undefined;
const flvClient: FuzzTarget = {
  name: 'flv-client',
  made: flvAnswerBytes,
  runs: 100,
  open: async () => (hostile = await HostileServer.open()),
  async check(input) {
    if (!hostile) throw new Error('not open');
    hostile.bytes = input;
    let received = 0;
    const onTag = ({ payload }: { payload: Buffer }): void => void (received += payload.length);
    try {
      const { ended } = await playFlv({ url: hostile.url, onTag });
      const { complete, problem } = await ended;
      expect(complete && problem !== undefined).toBe(false);
      if (problem !== undefined) expect(problem).toBeInstanceOf(FlvError);
    } catch (error) {
      if (error instanceof FlvRefusedError) expect(error.status).not.toBe(200);
      else expect((error as Error).name).toBe('Error');
    }
    expect(received).toBeLessThanOrEqual(input.length);
  },
};

export const DOOR_TARGETS = [rtmpDoor, httpApi, httpFlv, flvClient];
