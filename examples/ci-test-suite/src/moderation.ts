import { createRequire } from 'node:module';
import type OpenApi from '@alicloud/openapi-core';
import type * as Darabonba from '@darabonba/typescript';

// Loaders of ES modules read the default exports of these packages differently; require() means one thing.
const require = createRequire(import.meta.url);
const { default: OpenApiClient, $OpenApiUtil } = require('@alicloud/openapi-core') as typeof OpenApi;
const { RetryOptions, RuntimeOptions } = require('@darabonba/typescript') as typeof Darabonba;

/** Where the API is, and who calls it. */
export interface Account {
  /** `http://host:port` or `https://...`. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** Milliseconds after which a call has failed; default 3000. */
  readonly readTimeoutMs?: number;
}

/** A stream as the API names it. */
export interface Stream {
  readonly domain: string;
  readonly app: string;
  readonly name: string;
}

/** Takes streams down and lets them in again: the code that this suite tests. */
export class Moderation {
  readonly #client: OpenApi.default;
  readonly #readTimeoutMs: number;

  constructor({ endpoint, accessKeyId, accessKeySecret, readTimeoutMs = 3000 }: Account) {
    const url = new URL(endpoint);
    const patience = { maxAttempts: 3, exception: ['ThrottlingError'], errorCode: ['ServiceUnavailable'] };
    const config = new $OpenApiUtil.Config({
      accessKeyId,
      accessKeySecret,
      endpoint: url.host,
      protocol: url.protocol.replace(':', ''),
    });
    config.retryOptions = new RetryOptions({
      retryable: true,
      retryCondition: [patience],
      noRetryCondition: [],
    });
    this.#client = new OpenApiClient(config);
    this.#readTimeoutMs = readTimeoutMs;
  }

  /** Cuts a stream and keeps it out for so many minutes. */
  async takeDown(stream: Stream, minutes: number): Promise<void> {
    const end = new Date(Date.now() + minutes * 60_000).toISOString();
    const ResumeTime = `${end.slice(0, 19)}Z`;
    await this.#call('ForbidLiveStream', { ...namesOf(stream), LiveStreamType: 'publisher', ResumeTime });
  }

  /** Lets a stream in before its time. */
  async bringBack(stream: Stream): Promise<void> {
    await this.#call('ResumeLiveStream', { ...namesOf(stream), LiveStreamType: 'publisher' });
  }

  /** `online`, `offline` or `forbidden`. */
  async stateOf(stream: Stream): Promise<string> {
    const { StreamState } = await this.#call('DescribeLiveStreamState', namesOf(stream));
    return String(StreamState);
  }

  async #call(action: string, query: Record<string, string>): Promise<Record<string, unknown>> {
    const params = new $OpenApiUtil.Params({
      action,
      version: '2016-11-01',
      protocol: 'HTTPS',
      pathname: '/',
      method: 'POST',
      authType: 'AK',
      style: 'RPC',
      reqBodyType: 'formData',
      bodyType: 'json',
    });
    const request = new $OpenApiUtil.OpenApiRequest({ query });
    const runtime = new RuntimeOptions({ readTimeout: this.#readTimeoutMs });
    const answer = await this.#client.callApi(params, request, runtime);
    return answer['body'] as Record<string, unknown>;
  }
}

function namesOf({ domain, app, name }: Stream): Record<string, string> {
  return { DomainName: domain, AppName: app, StreamName: name };
}
