import type { Core } from '../core/core.ts';
import type { ResolvedDomain } from '../core/domains.ts';
import type { StreamKey } from '../core/names.ts';
import type { Fail } from './operation.ts';
import { choice, text } from './fields.ts';

/** The domain of a call. Either side of a mapping stands for both. */
export const domainName = text({
  description: 'Push domain or main (play) domain of the streams; either side of a mapping answers for both.',
  example: 'push.example.com',
});

/** The app of a stream. */
export const appName = text({ description: 'App of the stream; case counts.', example: 'live' });

/** The name of a stream. */
export const streamName = text({ description: 'Name of the stream; case counts.', example: 'room1' });

/** What a call acts upon: only the publishing side can be named. */
export const liveStreamType = choice(['publisher'], {
  description: 'Which side of the stream is meant; only the publisher can be.',
  example: 'publisher',
});

/** Errors of operations that name a domain. */
export const DOMAIN_ERRORS = {
  'InvalidDomain.NotFound': {
    status: 404,
    message: 'The domain provided does not exist in our records.',
  },
  /** Thrown by the gateway, for every operation whose resource is a domain. */
  IllegalOperation: { status: 403, message: 'Illegal domain operate is not permitted.' },
} as const;

type DomainCode = 'InvalidDomainName.Malformed' | 'InvalidDomain.NotFound';
type KeyCode = DomainCode | 'InvalidAppName.Malformed' | 'InvalidStreamName.Malformed';

/** The domain that a call means. @throws ApiError */
export function domainOf(core: Core, raw: string, fail: Fail<DomainCode>): ResolvedDomain {
  const domain = core.domains.resolve(raw);
  if (domain === 'bad-domain') throw fail('InvalidDomainName.Malformed');
  if (domain === 'unknown-domain') throw fail('InvalidDomain.NotFound');
  return domain;
}

/** The names of a stream as a call has them. */
export interface StreamNames {
  readonly DomainName: string;
  readonly AppName: string;
  readonly StreamName: string;
}

/** The stream that a call means. @throws ApiError */
export function keyOf(core: Core, names: StreamNames, fail: Fail<KeyCode>): StreamKey {
  const { DomainName: domain, AppName: app, StreamName: stream } = names;
  const result = core.domains.key({ domain, app, stream });
  if (result.ok) return result.key;
  switch (result.problem) {
    case 'bad-domain':
      throw fail('InvalidDomainName.Malformed');
    case 'unknown-domain':
      throw fail('InvalidDomain.NotFound');
    case 'bad-app':
    case 'reserved-app':
      throw fail('InvalidAppName.Malformed');
    case 'bad-stream':
      throw fail('InvalidStreamName.Malformed');
  }
}
