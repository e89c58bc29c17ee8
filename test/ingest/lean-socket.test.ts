import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, it } from 'vitest';
import { leanSocket } from '../../src/ingest/lean-socket.ts';

it('reads into memory that all lean sockets share, can be held, and is the connection to both ends', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connected = async (): Promise<{ peer: Socket; lean: Socket }> => {
    const peer = connect(port, '127.0.0.1');
    const [accepted] = (await once(server, 'connection')) as [Socket];
    const lean = leanSocket(accepted);
    expect([lean.remotePort, accepted.destroyed]).toEqual([peer.localPort, true]);
    return { peer, lean };
  };
  const [one, two] = [await connected(), await connected()];
  const memory = new Set<ArrayBufferLike>();
  for (const { peer, lean } of [one, two, one]) {
    const arrived = once(lean, 'data').then(([bytes]) => {
      memory.add((bytes as Buffer).buffer);
      return (bytes as Buffer).toString();
    });
    peer.write('hello');
    expect(await arrived).toBe('hello');
  }
  expect(memory.size).toBe(1);

  one.lean.pause();
  one.peer.write('held');
  two.peer.write('passed');
  let early = false;
  one.lean.once('data', () => (early = true));
  one.lean.pause();
  await once(two.lean, 'data');
  expect(early).toBe(false);
  const held = once(one.lean, 'data');
  one.lean.resume();
  await held;
  expect([one.lean.bytesRead, two.lean.bytesRead]).toEqual([14, 11]);

  const ended = Promise.all([one, two].map(({ lean }) => once(lean.resume(), 'end')));
  const closed = Promise.all([one, two].map(({ lean }) => once(lean, 'close')));
  one.peer.end();
  two.peer.end();
  await ended;
  await closed;
  // It waits for connections that it still counts.
  await new Promise((resolve) => server.close(resolve));
});
