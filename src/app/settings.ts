import { StartError } from '../base/errors.ts';
import { isLoopback } from '../base/net-address.ts';
import type { Certificate } from '../base/tls.ts';
import type { CoreSettings } from '../core/core.ts';
import { DEFAULT_PUBLIC_SERVER_SETTINGS } from '../gateway/public-server.ts';
import type { PublicServerSettings } from '../gateway/public-server.ts';
import { DEFAULT_GATEWAY_SETTINGS } from '../gateway/settings.ts';
import type { GatewaySettings } from '../gateway/settings.ts';
import type { IngestSettings } from '../ingest/settings.ts';
import type { Config } from './config.ts';
import { limitsOf } from './limit-options.ts';

/** What the configuration says of the rules. */
export function coreSettings({ options, secrets }: Config): CoreSettings {
  return {
    domains: {
      defaultDomain: options['domains.default'],
      mode: options['domains.mode'],
      mappings: options['domains.mappings'],
      registered: options['domains.registered'],
      owners: options['domains.owners'],
      auth: secrets['domains.auth'],
    },
    allowUnauthenticated: options['ingest.allowUnauthenticated'],
    duplicatePublish: options['ingest.duplicatePublish'],
    forbidDefaultDurationMs: options['forbid.defaultDuration'],
  };
}

/** What the configuration says of the API. */
export function gatewaySettings({ options }: Config): GatewaySettings {
  return {
    ...DEFAULT_GATEWAY_SETTINGS,
    jsonEnvelope: options['api.jsonEnvelope'],
    limits: options['api.throttle'],
    testMode: options.testMode,
    failuresPerSource: options['api.failuresPerSource'],
  };
}

/** What the configuration says of the public HTTP listener; HTTPS with a certificate. */
export function publicServerSettings({ options }: Config, certificate?: Certificate): PublicServerSettings {
  return {
    ...DEFAULT_PUBLIC_SERVER_SETTINGS,
    ...(certificate && { certificate }),
    trustedProxies: options.trustedProxies,
    maxConnections: options['api.maxConnections'],
    maxConnectionsPerAddress: options['api.maxConnectionsPerAddress'],
  };
}

/**
 * What the configuration says of ingest. Without URL authentication and without `ingest.allowUnauthenticated` it is
 * bound to loopback: nobody else may publish then, and a port that refuses everyone helps nobody. RTMPS is spoken with a
 * certificate only.
 * @throws StartError when another address was asked for all the same.
 */
export function ingestSettings(config: Config, certificate?: Certificate): IngestSettings {
  const { options } = config;
  const host = rtmpHost(config);
  return {
    rtmp: { host, port: options['rtmp.port'] },
    ...(certificate && { rtmps: { host, port: options['rtmps.port'], ...certificate } }),
    trustedProxies: options.trustedProxies,
    limits: limitsOf(options),
  };
}

function rtmpHost({ options, secrets }: Config): string {
  const asked = options['rtmp.host'];
  const open = options['ingest.allowUnauthenticated'] || Object.keys(secrets['domains.auth']).length > 0;
  if (open) return asked ?? '0.0.0.0';
  if (asked !== null && asked !== 'localhost' && !isLoopback(asked))
    throw new StartError(
      `option rtmp.host is ${asked}, but no domain has URL authentication: configure domains.auth, or set ` +
        'ingest.allowUnauthenticated to let anyone publish',
    );
  return asked ?? '127.0.0.1';
}
