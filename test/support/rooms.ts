import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startApi } from './api-harness.ts';
import type { Api } from './api-harness.ts';
import { newRoom } from './fake-peers.ts';
import type { Room } from './fake-peers.ts';
import { expectEveryCodeProduced } from './produced-codes.ts';

/** What a test of an operation works with. */
export interface InRoom {
  readonly api: Api;
  readonly room: Room;
}

/** One API for the tests of a file; each test has a stream of its own and limits that have recovered. */
export function eachInARoom(give: (made: InRoom) => void): void {
  expectEveryCodeProduced();
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api[Symbol.asyncDispose]());
  beforeEach(() => {
    api.clock.advance(60_000);
    give({ api, room: newRoom() });
  });
}
