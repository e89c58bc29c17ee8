/**
 * What a signed call costs: calls per CPU second of the whole gateway (HTTP, V1 signature, nonce, limits, operation,
 * envelope, audit hand-over), beside a bare `node:http` handler that answers as many bytes, in the same run.
 *
 *   npx tsx bench/rpc-cost.ts [calls]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { signV1 } from '../src/wire/rpc/signer.ts';
import { formatTimestamp } from '../src/base/timestamp.ts';
import { startApiServer } from '../test/support/api-server.ts';

const ACTION = 'DescribeLiveStreamState';
const CONNECTIONS = 16;
const ROUNDS = 3;

interface Ready {
  readonly port: number;
  readonly accessKeyId: string;
  readonly secret: string;
}

/** The server's side: tells where it listens, and its CPU seconds whenever it is asked. */
async function serve(kind: string): Promise<void> {
  process.on('message', () => {
    forget();
    const { user, system } = process.cpuUsage();
    process.send?.((user + system) / 1e6);
  });
  process.on('disconnect', () => process.exit());
  process.send?.(kind === 'bare' ? await startBare() : await startSluice());
}

/** What the tests' harness notes down of every call would cost memory that the service does not spend. */
let forget = (): void => undefined;

async function startSluice(): Promise<Ready> {
  const limits = { [ACTION]: 1_000_000_000 };
  const { api, port } = await startApiServer({ inMemory: true, startAt: Date.now(), gateway: { limits } });
  forget = () => {
    for (const notes of [api.audit, api.counted, api.policy.asked]) notes.length = 0;
  };
  return { port, accessKeyId: api.accessKeyId, secret: api.secret };
}

async function startBare(): Promise<Ready> {
  const body = JSON.stringify({
    RequestId: 'A57FBFD7-FC9A-54FE-A876-4D5E19577186',
    StreamState: 'offline',
    Type: 'push',
  });
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, accessKeyId: 'id', secret: 'secret' };
}

/** Signed beforehand, so that the client costs little. */
function requests({ accessKeyId, secret }: Ready, calls: number): Buffer[] {
  return Array.from({ length: calls }, () => {
    const { target } = signV1({
      method: 'GET',
      host: '127.0.0.1',
      action: ACTION,
      version: '2016-11-01',
      accessKeyId,
      accessKeySecret: secret,
      nonce: crypto.randomUUID(),
      date: formatTimestamp(Date.now()),
      query: {
        Format: 'JSON',
        RegionId: 'cn-shanghai',
        DomainName: 'push.example.com',
        AppName: 'live',
        StreamName: 'room1',
      },
    });
    return Buffer.from(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  });
}

/** Sends one request after the other on one connection. */
function drive(port: number, queue: Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const next = (): void => {
      const request = queue.pop();
      if (request) socket.write(request);
      else socket.end(resolve);
    };
    socket.on('connect', next);
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      if (!chunk.includes('HTTP/1.1 200 OK')) reject(new Error(chunk.toString()));
      next();
    });
  });
}

/** Calls per CPU second of the server, the best of some rounds. */
async function measure(kind: 'bare' | 'sluice', calls: number): Promise<number> {
  const child = fork(import.meta.filename, [kind]);
  const [ready] = (await once(child, 'message')) as [Ready];
  const cpuSeconds = async (): Promise<number> => {
    child.send('cpu');
    const [seconds] = (await once(child, 'message')) as [number];
    return seconds;
  };
  let best = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const queue = requests(ready, calls);
    const before = await cpuSeconds();
    await Promise.all(Array.from({ length: CONNECTIONS }, () => drive(ready.port, queue)));
    // The first round warms up.
    if (round > 0) best = Math.max(best, calls / ((await cpuSeconds()) - before));
  }
  child.disconnect();
  return best;
}

const [argument = '20000'] = process.argv.slice(2);
if (argument === 'bare' || argument === 'sluice') {
  await serve(argument);
} else {
  const bare = await measure('bare', Number(argument));
  const sluice = await measure('sluice', Number(argument));
  const show = (rate: number): string => Math.round(rate).toLocaleString('en').padStart(9);
  console.log(`bare node:http  ${show(bare)} calls per CPU second`);
  console.log(`signed call     ${show(sluice)} calls per CPU second, ${(sluice / bare).toFixed(2)} of bare`);
}
