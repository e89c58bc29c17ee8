import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { openLocalStore } from '../../support/local-store.ts';

/** Child of a test: opens the store of a directory and prints how that went. */
const [directory = ''] = process.argv.slice(2);
try {
  const store = await openLocalStore({
    directory,
    masterKey: Buffer.alloc(32, 7),
    clock: systemClock,
    log: silentLogger,
  });
  await store.close();
  console.log('open');
} catch (error) {
  console.log(String(error));
}
