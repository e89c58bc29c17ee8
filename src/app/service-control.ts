import type { Clock } from '../base/clock.ts';
import type { RoomLoggers } from '../base/logger.ts';
import { packageVersion } from '../base/package-version.ts';
import type { Core } from '../core/core.ts';
import type { ServiceControl } from '../core/service-control.ts';
import type { CheckResult } from './internal-server.ts';
import type { Certificates } from './certificates.ts';

/** What telling and changing the service needs. */
export interface ServiceControlDeps {
  readonly clock: Clock;
  readonly core: Pick<Core, 'feed'>;
  readonly logs: RoomLoggers;
  readonly certificates: Pick<Certificates, 'facts'>;
  readonly testMode: boolean;
  readonly readiness: () => Promise<Record<string, CheckResult>>;
}

/** What the operations about the service itself act upon. */
export function createServiceControl(deps: ServiceControlDeps): ServiceControl {
  const { clock, core, logs, certificates, testMode, readiness } = deps;
  const startedAt = clock.now();
  const version = packageVersion();
  return {
    status: async () => {
      const { rss, heapUsed } = process.memoryUsage();
      return {
        version,
        nodeVersion: process.version,
        startedAt,
        testMode,
        checks: await readiness(),
        feedStalenessMs: core.feed.staleness(),
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        certificates: certificates.facts().map(({ option, ...facts }) => ({
          listener: option.replace('.certificate', ''),
          ...facts,
        })),
        logLevels: logs.levels(),
      };
    },
    setLogLevel: (room, level) => logs.set(room, level),
  };
}
