import type { Command } from 'commander';
import { DEFAULT_URL_TTL_SECONDS } from '../app/domain-auth.ts';
import { signUrl } from '../app/sign-url.ts';
import type { SignUrl } from '../app/sign-url.ts';
import { systemClock } from '../base/clock.ts';
import { systemIds } from '../base/ids.ts';
import { formatTimestamp, parseTimestamp } from '../base/timestamp.ts';
import { addConfigFlags, configOf } from './config-flags.ts';
import type { CommandHost } from './host.ts';
import { UsageError } from './io.ts';
import type { CliIo, ExitCode } from './io.ts';

interface SignOptions {
  readonly expires?: string;
  readonly ttl?: string;
}

/** `sluice sign-url`. */
export function addSignUrl({ program, io, run }: CommandHost): void {
  const command = program
    .command('sign-url')
    .description('Sign a publish or play URL (type-A auth_key) with the key of its domain.')
    .argument('<url>', 'rtmp://host[:port]/app/stream or http://host[:port]/app/stream.flv')
    .option('--expires <time>', 'when the URL expires, as 2030-01-01T00:00:00Z (default: the ttl from now)')
    .option(
      '--ttl <seconds>',
      `the ttl of the domain, with SLUICE_DOMAIN_KEY only (default ${DEFAULT_URL_TTL_SECONDS})`,
    )
    .addHelpText(
      'after',
      `
The key is that in SLUICE_DOMAIN_KEY, else the one in domains.auth. A publish URL names the push domain. The URL goes to
stdout, the time at which it expires to stderr.

Examples:
  $ sluice sign-url --config sluice.yaml rtmp://live.example.com/live/cam1
  $ SLUICE_DOMAIN_KEY=... sluice sign-url http://live.example.com:8080/live/cam1.flv --expires 2030-01-01T00:00:00Z`,
    )
    .action(run((url: string, options: SignOptions, self: Command) => sign({ url, options, self }, io)));
  addConfigFlags(command, []);
}

async function sign(
  { url, options, self }: { url: string; options: SignOptions; self: Command },
  io: CliIo,
): Promise<ExitCode> {
  const config = configOf(self, io);
  const signed = signUrl(config, {
    url,
    now: systemClock.now(),
    rand: systemIds.token(32),
    ...expiry(options),
    ...givenKey(options, io),
  });
  io.out(`${signed.url}\n`);
  io.err(`expires ${formatTimestamp(signed.expiresAt)}\n`);
  return Promise.resolve(0);
}

function expiry({ expires }: SignOptions): Pick<SignUrl, 'expiresAt'> {
  if (expires === undefined) return {};
  const expiresAt = parseTimestamp(expires);
  if (expiresAt === undefined)
    throw new UsageError(`--expires must be of the form 2030-01-01T00:00:00Z, not ${expires}`);
  return { expiresAt };
}

function givenKey({ ttl }: SignOptions, io: CliIo): Pick<SignUrl, 'auth'> {
  if (ttl !== undefined && !/^[1-9]\d{0,7}$/.test(ttl))
    throw new UsageError('--ttl must be a whole number of seconds');
  const mainKey = io.env['SLUICE_DOMAIN_KEY'];
  if (mainKey !== undefined && mainKey !== '')
    return { auth: { mainKey, ttlSeconds: Number(ttl ?? DEFAULT_URL_TTL_SECONDS) } };
  if (ttl !== undefined)
    throw new UsageError(
      '--ttl goes with SLUICE_DOMAIN_KEY only: the ttl of a configured domain is its ttlSeconds in domains.auth',
    );
  return {};
}
