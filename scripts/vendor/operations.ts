import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallLimit } from '../../src/operations/operation.ts';

/** A parameter as the vendor declares it. */
export interface VendorParameter {
  readonly name: string;
  /** `String`, `Integer`, `Long`, `Float`, `Boolean`, `Json`, or `RepeatList`: `Name.1`, `Name.2`, ... */
  readonly type: string;
  readonly required: boolean;
}

/** The shape of an answer: `String`, `Number`, `Boolean`, a list of one shape, or an object of them. */
export type VendorShape = string | readonly VendorShape[] | { readonly [name: string]: VendorShape };

/** What is known of an operation of the vendor's live product. */
export interface VendorOperation {
  /** Absent: the vendor states none. */
  readonly limit?: CallLimit;
  readonly parameters: readonly VendorParameter[];
  /** Without RequestId. */
  readonly response: Readonly<Record<string, VendorShape>>;
}

/**
 * The vendor's operations by name, from `operations.tsv`: name, calls/seconds, parameters (`Name:Type`, `!` when
 * required), answer as JSON. Version 2016-11-01, as the vendor's SDKs and its metadata of operations list them.
 */
export function vendorOperations(): ReadonlyMap<string, VendorOperation> {
  const text = readFileSync(join(import.meta.dirname, 'operations.tsv'), 'utf8');
  return new Map(text.trimEnd().split('\n').map(readLine));
}

function readLine(line: string): [name: string, operation: VendorOperation] {
  const [name = '', limit = '', parameters = '', response = ''] = line.split('\t');
  return [
    name,
    {
      ...limitOf(limit),
      parameters: parameters.split(' ').filter(Boolean).map(parameterOf),
      response: JSON.parse(response) as VendorOperation['response'],
    },
  ];
}

function limitOf(text: string): Pick<VendorOperation, 'limit'> {
  const [calls = '', perSeconds] = text.split('/');
  if (perSeconds === undefined) return {};
  return { limit: { calls: Number(calls), perSeconds: Number(perSeconds) } };
}

function parameterOf(text: string): VendorParameter {
  const [name = '', type = ''] = text.split(':');
  return { name, type: type.replace('!', ''), required: type.endsWith('!') };
}
