import type { Clock } from '../base/clock.ts';
import { StartError } from '../base/errors.ts';
import type { Ids } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import { isLoopback } from '../base/net-address.ts';
import { ShiftedClock } from '../base/shifted-clock.ts';
import type { Store } from '../core/ports.ts';
import type { TestSetup } from '../core/test-controls.ts';
import { OPERATIONS } from '../operations/registry.ts';
import { openStore } from '../store/store.ts';
import type { Config } from './config.ts';
import type { KeyPair, RootKey } from './root-key.ts';

/** The root key of every service in test mode, and of no other. It is in the documentation and protects nothing. */
export const TEST_KEY: KeyPair = {
  accessKeyId: 'test-access-key-id',
  accessKeySecret: 'test-access-key-secret',
};

/** The root account of every service in test mode. */
export const TEST_ACCOUNT_ID = '1000000000000001';

/** What the log warns of at every start in test mode. */
export const TEST_MODE_WARNING =
  'TEST MODE: the access key is public, time can be moved, and nothing is kept. Never serve anybody with it';

const LOOPBACK = '127.0.0.1';
const HOSTS = ['api.host', 'rtmp.host', 'internal.host'] as const;

/** What test mode brings itself: given besides, it is of a service that is to be kept, or a slip. */
const OWN = ['data', 'masterKey', 'accessKey.id', 'accessKey.secret'];

/**
 * The configuration as test mode runs it: every listener on loopback.
 * @throws StartError for an address that others can reach, and for options that say where or under which key to keep
 */
export function testModeConfig(config: Config): Config {
  const { options, given } = config;
  const own = OWN.find((name) => given.has(name));
  if (own !== undefined)
    throw new StartError(
      `option ${own} does not go with testMode: test mode keeps nothing and has an access key of its own; leave one of the two out`,
    );
  for (const name of HOSTS) {
    const host = options[name];
    if (!given.has(name) || host === null || host === 'localhost' || isLoopback(host)) continue;
    throw new StartError(
      `option ${name} is ${host}, but test mode listens on loopback only, because its access key is public: ` +
        `leave ${name} out, or set it to ${LOOPBACK}`,
    );
  }
  const hosts = HOSTS.map((name) => [name, given.has(name) ? (options[name] ?? LOOPBACK) : LOOPBACK]);
  return { ...config, options: { ...options, ...(Object.fromEntries(hosts) as object) } };
}

/** What the rules need for test mode, on a clock that can be moved. */
export function testSetup(clock: Clock): TestSetup {
  const actions = OPERATIONS.flatMap(({ name, testMode }) => (testMode ? [] : [name]));
  const rootKey = { accessKeyId: TEST_KEY.accessKeyId, secret: TEST_KEY.accessKeySecret };
  return { clock: new ShiftedClock(clock), actions: new Set(actions), rootKey };
}

/** Opens a store in memory with the root key of test mode. @throws StartError */
export async function openTestStore(deps: {
  clock: Clock;
  ids: Ids;
  log: Logger;
}): Promise<{ store: Store; root: RootKey }> {
  const { clock, ids, log } = deps;
  const masterKey = ids.bytes(32);
  const store = await openStore({ directory: null, rootAccountId: TEST_ACCOUNT_ID, masterKey, clock, log });
  const { accessKeyId, accessKeySecret: secret } = TEST_KEY;
  const owner = { accountId: TEST_ACCOUNT_ID, userId: null, note: 'root key', root: true };
  await store.keys.createKey({ accessKeyId, secret, ...owner, createdAt: clock.now() });
  return { store, root: { key: TEST_KEY, created: true } };
}

/** What a person at the terminal, or the log of a CI job, is told. */
export function testModeBanner(ports: { httpPort: number; rtmpPort: number }): string {
  return `
*** ${TEST_MODE_WARNING}. ***
  Endpoint         http://${LOOPBACK}:${ports.httpPort}
  RTMP             rtmp://${LOOPBACK}:${ports.rtmpPort}
  AccessKeyId      ${TEST_KEY.accessKeyId}
  AccessKeySecret  ${TEST_KEY.accessKeySecret}

`;
}
