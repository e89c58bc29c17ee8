import { createRequire } from 'node:module';
import type OpenApi from '@alicloud/openapi-client';
import PopCore from '@alicloud/pop-core';
import type RamSdk from '@alicloud/ram20150501';
import type StsSdk from '@alicloud/sts20150401';
import type TeaUtil from '@alicloud/tea-util';

// Vitest and Node read the default exports of these CommonJS packages differently; require() means one thing.
const require = createRequire(import.meta.url);
const openapi = require('@alicloud/openapi-client') as typeof OpenApi;
const teaUtil = require('@alicloud/tea-util') as typeof TeaUtil;

/** The SDK for RAM; its client and the requests that it takes. */
export const ramSdk = require('@alicloud/ram20150501') as typeof RamSdk;
/** The SDK for STS. */
export const stsSdk = require('@alicloud/sts20150401') as typeof StsSdk;

/** A key as the SDKs take it. */
export interface SdkKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

type Fields = Record<string, unknown>;
/** A call of the live product; rejects as the SDK does. */
export type LiveCall = (action: string, params: Readonly<Record<string, string>>) => Promise<Fields>;

/** The clients of one caller. */
export interface SdkClients {
  readonly ram: RamSdk.default;
  readonly sts: StsSdk.default;
  /** `@alicloud/pop-core`, which signs V1. */
  readonly popCore: LiveCall;
  /** `@alicloud/openapi-client`, which signs V3. */
  readonly openApi: LiveCall;
}

/** The vendor's own clients, pointed at a service as its documentation tells. */
export function sdkClients(endpoint: string, key: SdkKey): SdkClients {
  const { host } = new URL(endpoint);
  const config = { ...key, endpoint: host, protocol: 'http' };
  return {
    // What the constructor reads are these fields; the class is in a package that nobody asked for.
    ram: new ramSdk.default(config as unknown as ConstructorParameters<typeof RamSdk.default>[0]),
    sts: new stsSdk.default(config as unknown as ConstructorParameters<typeof StsSdk.default>[0]),
    popCore: (action, params) =>
      new PopCore({ ...key, endpoint, apiVersion: '2016-11-01' }).request<Fields>(action, params, {
        method: 'POST',
      }),
    openApi: (action, query) => callOpenApi(new openapi.Config(config), action, query),
  };
}

async function callOpenApi(config: OpenApi.Config, action: string, query: Readonly<Record<string, string>>) {
  const params = new openapi.Params({
    action,
    version: '2016-11-01',
    protocol: 'HTTP',
    pathname: '/',
    method: 'POST',
    authType: 'AK',
    style: 'RPC',
    reqBodyType: 'formData',
    bodyType: 'json',
  });
  const request = new openapi.OpenApiRequest({ query });
  // The packages declare the class of these options twice, each for itself.
  const runtime = new teaUtil.RuntimeOptions({}) as never;
  const answer = (await new openapi.default(config).callApi(params, request, runtime)) as { body: Fields };
  return answer.body;
}

/** What a call was rejected with. */
export async function rejectionOf(call: Promise<unknown>): Promise<Fields> {
  return call.then(
    () => Promise.reject(new Error('the call succeeded')),
    (error: unknown) => error as Fields,
  );
}
