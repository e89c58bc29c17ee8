import { parsePolicyDocument } from './policy-document.ts';
import type { PolicyDocument } from './policy-types.ts';

/** A policy that the service brings. Nobody can change or delete it. */
export interface SystemPolicy {
  readonly name: string;
  readonly description: string;
  /** The document as RAM's operations return it. */
  readonly text: string;
  readonly document: PolicyDocument;
}

/** The RAM codes of the product: streams and playback, and interactive messages. */
const SERVICES = ['live', 'live-interaction'];

function systemPolicy(name: string, description: string, names: readonly string[]): [string, SystemPolicy] {
  const actions = SERVICES.flatMap((service) => names.map((action) => `${service}:${action}`));
  const statement = { Effect: 'Allow', Action: actions, Resource: '*' };
  const text = JSON.stringify({ Version: '1', Statement: [statement] }, null, 2);
  const read = parsePolicyDocument(text);
  if (!read.ok) throw new Error(`${name}: ${read.problem}`);
  return [name, { name, description, text, document: read.document }];
}

/** The product's system policies for live streaming, by name. The read-only one is the vendor's second version. */
export const SYSTEM_POLICIES: ReadonlyMap<string, SystemPolicy> = new Map([
  systemPolicy('AliyunLiveFullAccess', 'Provides full access to ApsaraVideo Live.', ['*']),
  systemPolicy('AliyunLiveReadOnlyAccess', 'Provides read-only access to ApsaraVideo Live.', [
    'Describe*',
    'List*',
    'Get*',
    'Query*',
  ]),
]);
