import { LOG_LEVELS, LOG_ROOMS } from '../base/logger.ts';
import { DEFAULT_PUBLIC_SERVER_SETTINGS } from '../gateway/public-server.ts';
import { DEFAULT_GATEWAY_SETTINGS } from '../gateway/settings.ts';
import { OPERATIONS } from '../operations/registry.ts';
import { DEFAULT_URL_TTL_SECONDS, domainAuthSchema } from './domain-auth.ts';
import { LIMIT_OPTIONS } from './limit-options.ts';
import * as kind from './option-kinds.ts';
import type { Option } from './option-kinds.ts';

const OPERATION_NAMES = OPERATIONS.map(({ name }) => name);

/**
 * Every option that is no secret. From this table come the flags (`--api-port`), the environment variables
 * (`SLUICE_API_PORT`), the keys of the file (`api: { port: ... }`), the docs page and the sample file.
 */
export const PLAIN_OPTIONS = {
  data: kind.text('./data', {
    doc: 'Folder of the store, the master key and the root key file. Made at the first start.',
  }),
  testMode: kind.toggle(false, {
    doc: 'Run for tests only: on loopback, with a public access key, nothing kept, and operations that move time, inject faults and reset. See docs/2-use/test-mode.md.',
  }),
  'api.host': kind.text('0.0.0.0', { doc: 'Address of the public HTTP listener (API and playback).' }),
  'api.port': kind.port(8080, { doc: 'Port of the public HTTP listener; 0 lets the system choose.' }),
  'api.certificate': kind.optionalText({
    doc: 'PEM file of the certificate chain of the public listener, which then speaks HTTPS only. Read again every minute and on SIGHUP.',
    example: '/etc/sluice/fullchain.pem',
  }),
  'api.key': kind.optionalText({
    doc: 'PEM file of the private key that belongs to `api.certificate`.',
    example: '/etc/sluice/privkey.pem',
  }),
  'api.jsonEnvelope': kind.choice(['flat', 'wrapped'], 'flat', {
    doc: 'Form of a successful JSON answer: `flat` is what every SDK reads, `wrapped` puts it into `{"<Action>Response": ...}`.',
  }),
  'api.maxConnections': kind.integer(DEFAULT_PUBLIC_SERVER_SETTINGS.maxConnections, {
    doc: 'Open connections of the public HTTP listener in all, players over HTTP included; more are closed unread.',
    min: 1,
    max: 1_000_000,
  }),
  'api.maxConnectionsPerAddress': kind.integer(DEFAULT_PUBLIC_SERVER_SETTINGS.maxConnectionsPerAddress, {
    doc: 'The same of one IPv4 address or one IPv6 /64, but for `trustedProxies`. Keep it above `ingest.limits.maxConnectionsPerAddress`.',
    min: 1,
    max: 1_000_000,
  }),
  'api.throttle': kind.countMap(OPERATION_NAMES, {
    doc: "Calls per second and account, by operation, in place of the operation's own limit.",
    example: { ForbidLiveStream: 200 },
  }),
  'api.failuresPerSource': kind.integer(DEFAULT_GATEWAY_SETTINGS.failuresPerSource, {
    doc: 'Calls per second that one IPv4 address or one IPv6 /64 may fail to sign or be denied before it is answered 429 in place of the reason. Calls that are right pass all the same.',
    min: 1,
    max: 100_000,
  }),
  'rtmp.host': kind.optionalText({
    doc: 'Address of the RTMP and RTMPS listeners. Not set: all addresses when a domain has URL authentication or `ingest.allowUnauthenticated` is true, else 127.0.0.1.',
    example: '0.0.0.0',
  }),
  'rtmp.port': kind.port(1935, { doc: 'Port of RTMP; 0 lets the system choose.' }),
  'rtmps.port': kind.port(1936, { doc: 'Port of RTMPS, opened only when a certificate is configured.' }),
  'rtmps.certificate': kind.optionalText({
    doc: 'PEM file of the certificate chain for RTMPS. Read again every minute and on SIGHUP.',
    example: '/etc/sluice/fullchain.pem',
  }),
  'rtmps.key': kind.optionalText({
    doc: 'PEM file of the private key for RTMPS.',
    example: '/etc/sluice/privkey.pem',
  }),
  'internal.host': kind.text('127.0.0.1', {
    doc: 'Address of the internal listener: `/metrics`, `/healthz`, `/readyz`. It has no authentication: keep it private.',
  }),
  'internal.port': kind.port(9090, { doc: 'Port of the internal listener; 0 lets the system choose.' }),
  'domains.default': kind.domain('live.local', {
    doc: 'Domain of publishers and players that name none, an IP address or `localhost`.',
  }),
  'domains.mode': kind.choice(['open', 'registered'], 'open', {
    doc: '`open`: a call or a publisher may name any domain. `registered`: only the default domain and those named in the other `domains` options.',
  }),
  'domains.mappings': kind.domainMap({
    doc: 'Push (or other alias) domain to its main domain; both names mean the same streams.',
    example: { 'push.example.com': 'live.example.com' },
  }),
  'domains.registered': kind.domains({
    doc: 'Further main domains for `domains.mode: registered`.',
    example: ['live.example.com'],
  }),
  'domains.owners': kind.accountMap({
    doc: "Main domain to the id of the account that owns it (`sluice accounts list`). Domains that other options name and this one does not are the root account's; in mode `open` an account also owns what a writing call of it named first.",
    example: { 'live.example.com': '1234567890123456' },
  }),
  'ingest.allowUnauthenticated': kind.toggle(false, {
    doc: 'Whether peers of other machines may publish to and play from domains without URL authentication. Leave it off on a public network.',
  }),
  'ingest.duplicatePublish': kind.choice(['refuse', 'replace'], 'refuse', {
    doc: 'What a second publisher of a live stream meets: `refuse` turns it away, `replace` ends the first.',
  }),
  ...LIMIT_OPTIONS,
  'forbid.defaultDuration': kind.duration('none', {
    doc: 'How long ForbidLiveStream keeps a stream out when the call carries no ResumeTime; `none`: until ResumeLiveStream.',
  }),
  trustedProxies: kind.addressRanges({
    doc: 'Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, and whose connections (HTTP, HTTPS, RTMP, RTMPS) may begin with a PROXY header (v1 or v2). Nobody else is asked for the address of a client.',
    example: ['10.0.0.0/8'],
  }),
  'log.level': kind.choice(LOG_LEVELS, 'info', { doc: 'The least severe level that is logged.' }),
  'log.levels': kind.choiceMap(LOG_ROOMS, LOG_LEVELS, {
    doc: `The same for single rooms of the program, by the \`room\` of their lines: ${LOG_ROOMS.join(', ')}.`,
    example: { ingest: 'debug' },
  }),
} as const satisfies Record<string, Option<unknown>>;

/** Secrets: they have no flag (command lines are visible to every user of the machine) and are never printed. */
export const SECRET_OPTIONS = {
  masterKey: kind.secretBytes(32, {
    doc: 'Seals the secrets in the store. Not set: the file `master.key` in the data folder, made at the first start.',
  }),
  'accessKey.id': kind.optionalText({
    doc: 'Id of the root access key. Used at the first start; later it must agree with the store.',
  }),
  'accessKey.secret': kind.optionalText({ doc: 'Secret of the root access key; goes with the id.' }),
  'domains.auth': kind.structure(domainAuthSchema, {
    form: 'domains with mainKey, backupKey, ttlSeconds (JSON in the environment)',
    doc: 'Type-A URL authentication (`auth_key`) by domain, for publishing and playing. A URL stays valid for `ttlSeconds` (1800) after the time in it; `backupKey` is accepted too, so that keys can be rotated.',
    example: { 'live.example.com': { mainKey: 'change-me', ttlSeconds: DEFAULT_URL_TTL_SECONDS } },
  }),
} as const satisfies Record<string, Option<unknown>>;

/** The whole table. */
export const OPTIONS: Readonly<Record<string, Option<unknown>>> = { ...PLAIN_OPTIONS, ...SECRET_OPTIONS };

type ValuesOf<T extends Record<string, Option<unknown>>> = {
  readonly [Name in keyof T]: T[Name] extends Option<infer Value> ? Value : never;
};

/** The values of all options that are no secrets; may be logged. */
export type Options = ValuesOf<typeof PLAIN_OPTIONS>;

/** The values of the secret options; never logged, never in an error. */
export type Secrets = ValuesOf<typeof SECRET_OPTIONS>;

/** `api.jsonEnvelope` to `api-json-envelope`. */
function dashed(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll('.', '-')
    .toLowerCase();
}

/** The flag of an option without its dashes; undefined for a secret. */
export function flagOf(name: string): string | undefined {
  return Object.hasOwn(SECRET_OPTIONS, name) ? undefined : dashed(name);
}

/** The environment variable of an option. */
export function environmentOf(name: string): string {
  return `SLUICE_${dashed(name).replaceAll('-', '_').toUpperCase()}`;
}
