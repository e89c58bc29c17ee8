import { afterAll, beforeAll, beforeEach } from 'vitest';
import { startApi } from './api-harness.ts';
import type { Api, ApiOptions } from './api-harness.ts';
import { newRoom } from './fake-peers.ts';
import type { Room } from './fake-peers.ts';
import { expectEveryCodeProduced } from './produced-codes.ts';

/** What a test of an operation works with. */
export interface InRoom {
  readonly api: Api;
  readonly room: Room;
}

/** One API for the tests of a file; each test has a stream of its own and limits that have recovered. */
export function eachInARoom(give: (made: InRoom) => void, options: ApiOptions = {}): void {
  expectEveryCodeProduced();
  let api: Api;
  beforeAll(async () => {
    api = await startApi(options);
  });
  afterAll(() => api[Symbol.asyncDispose]());
  beforeEach(() => {
    api.clock.advance(60_000);
    give({ api, room: newRoom() });
  });
}

/** The same in test mode; each test begins with a reset. */
export function eachInTestMode(give: (made: InRoom) => void): void {
  let api: Api;
  eachInARoom(
    (made) => {
      ({ api } = made);
      give(made);
    },
    { gateway: { testMode: true } },
  );
  beforeEach(async () => {
    await api.call('ResetTestState');
  });
}
