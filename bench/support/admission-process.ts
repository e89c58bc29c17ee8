/** Measures what {@link AdmissionLoad} asks for, once, and tells its parent. */
import { systemClock } from '../../src/base/clock.ts';
import { admit } from '../../src/core/admission.ts';
import type { PeerRequest } from '../../src/core/admission.ts';
import { BlockSet } from '../../src/core/blocks.ts';
import { DomainDirectory } from '../../src/core/domains.ts';
import type { AdmissionLoad, AdmissionReading } from '../admission.ts';

const load = JSON.parse(process.argv[2] ?? '') as AdmissionLoad;
const DOMAIN = 'live.example.com';

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Names as long as real ones; the odd ones are blocked. */
function streamOf(number: number): string {
  return `room-${1_000_000 + number}-main`;
}

function requestOf(number: number): PeerRequest {
  const stream = streamOf(number);
  const path = `/live/${stream}`;
  return {
    kind: 'publish',
    domain: DOMAIN,
    app: 'live',
    stream,
    path,
    authKey: undefined,
    clientAddress: '127.0.0.1',
  };
}

/** Gives what decides: true for admitted. */
function sluice(): (request: PeerRequest) => boolean {
  const blocks = new BlockSet();
  const domains = new DomainDirectory({
    defaultDomain: 'live.local',
    mode: 'open',
    mappings: {},
    registered: [],
    owners: {},
    auth: {},
  });
  for (let i = 0; i < load.blocks; i++) {
    const key = { domain: DOMAIN, app: 'live', stream: streamOf(2 * i + 1) };
    blocks.apply({
      key,
      version: i + 1,
      block: {
        key,
        accountId: '1000000000000001',
        version: i + 1,
        resumeAt: 4_000_000_000_000,
        reason: null,
        actor: 'AK',
        createdAt: 0,
        updatedAt: 0,
      },
    });
  }
  const deps = { clock: systemClock, domains, blocks, allowUnauthenticated: false };
  return (request) => admit(request, deps).ok;
}

function map(): (request: PeerRequest) => boolean {
  const blocked = new Map<string, number>();
  for (let i = 0; i < load.blocks; i++) blocked.set(`${DOMAIN}/live/${streamOf(2 * i + 1)}`, i);
  return ({ domain, app, stream }) => !blocked.has(`${domain}/${app}/${stream}`);
}

const before = heapBytes();
const decide = load.subject === 'sluice' ? sluice() : map();
const bytes = heapBytes() - before;
const requests = Array.from({ length: load.decisions }, (_, i) => requestOf(i % (2 * load.blocks)));
let admitted = 0;
for (const request of requests) if (decide(request)) admitted += 1;
const expected = Math.ceil(load.decisions / 2);
if (admitted !== expected) throw new Error(`${admitted} were admitted, and not ${expected}`);
const cpuBefore = process.cpuUsage();
for (const request of requests) decide(request);
const { user, system } = process.cpuUsage(cpuBefore);
const microseconds = (user + system) / load.decisions;
process.send?.({ microseconds, bytes } satisfies AdmissionReading);
