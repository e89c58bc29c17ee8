import { z } from 'zod';
import { formatTimestamp } from '../base/timestamp.ts';
import type { ServiceStatus } from '../core/service-control.ts';
import { count, text, truth, wrappedList } from './fields.ts';
import { defineOperation } from './operation.ts';
import { requireRootAccount, ROOT_ONLY_ERRORS } from './root-account.ts';

/** Tells how the service is. */
export const DescribeServiceStatus = defineOperation({
  name: 'DescribeServiceStatus',
  summary: 'Tell how the service is: its parts, load, certificates and log levels.',
  doc: `Ours. The same checks as \`/readyz\` of the internal listener, and more, for whoever has a key and no way to that
listener. Only the root account may ask. \`Ready\` is whether every check is \`ok\`.`,
  kind: 'read',
  ram: { action: 'live:DescribeServiceStatus', level: 'get', resource: '*' },
  limit: { calls: 10, perSeconds: 1 },
  parameters: z.object({}),
  response: z.object({
    Version: text({ description: 'Version of the service.', example: '0.1.0' }),
    NodeVersion: text({ description: 'Version of Node.js that runs it.', example: 'v22.23.3' }),
    StartTime: text({ description: 'When it started.', example: '2026-01-01T08:00:00Z' }),
    Time: text({ description: 'Its clock.', example: '2026-01-01T09:00:00Z' }),
    TestMode: truth({ description: 'Whether it runs in its test mode.', example: 'false' }),
    Ready: truth({ description: 'Whether all its parts are well.', example: 'true' }),
    Checks: wrappedList(
      'Check',
      z.object({
        Name: text({ description: 'Part of the service.', example: 'store' }),
        State: text({ description: '`ok`, or what is wrong.', example: 'ok' }),
      }),
    ),
    Streams: count({ description: 'Live streams of all accounts.', example: '12' }),
    Players: count({ description: 'Connected players.', example: '340' }),
    FeedStalenessMs: count({ description: 'Milliseconds since changes were last read.', example: '21' }),
    ResidentBytes: count({ description: 'Memory of the process.', example: '98000000' }),
    HeapUsedBytes: count({ description: 'JavaScript heap in use.', example: '41000000' }),
    Certificates: wrappedList(
      'Certificate',
      z.object({
        Listener: text({ description: 'Listener that shows it.', example: 'api' }),
        Subject: text({ description: 'Whom it names.', example: 'CN=live.example.com' }),
        Issuer: text({ description: 'Who signed it.', example: 'CN=Example CA' }),
        NotAfter: text({ description: 'When it expires.', example: '2026-06-01T00:00:00Z' }),
      }),
    ),
    LogLevels: wrappedList(
      'LogLevel',
      z.object({
        Room: text({ description: 'Room of the service.', example: 'gateway' }),
        Level: text({ description: 'Least severe level that it logs.', example: 'info' }),
      }),
    ),
  }),
  errors: ROOT_ONLY_ERRORS,
  async handle({ caller, core, service, fail }) {
    requireRootAccount({ caller, core }, fail);
    const status = await service.status();
    return {
      ...answerOf(status),
      Time: formatTimestamp(core.clock.now()),
      Streams: core.streams.list().length,
      Players: core.streams.countPlayers(),
    };
  },
});

function answerOf(status: ServiceStatus) {
  const Check = Object.entries(status.checks).map(([Name, State]) => ({ Name, State }));
  const LogLevel = Object.entries(status.logLevels).map(([Room, Level]) => ({ Room, Level }));
  const Certificate = status.certificates.map((certificate) => ({
    Listener: certificate.listener,
    Subject: certificate.subject,
    Issuer: certificate.issuer,
    NotAfter: formatTimestamp(certificate.notAfter),
  }));
  return {
    Version: status.version,
    NodeVersion: status.nodeVersion,
    StartTime: formatTimestamp(status.startedAt),
    TestMode: status.testMode,
    Ready: Check.every(({ State }) => State === 'ok'),
    Checks: { Check },
    FeedStalenessMs: Math.round(status.feedStalenessMs),
    ResidentBytes: status.residentBytes,
    HeapUsedBytes: status.heapUsedBytes,
    Certificates: { Certificate },
    LogLevels: { LogLevel },
  };
}
