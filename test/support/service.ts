import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/app/config.ts';
import { startService } from '../../src/app/service.ts';
import type { Service, ServiceDeps } from '../../src/app/service.ts';
import type { KeyPair } from '../../src/app/root-key.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { callApi } from '../../src/cli/api-client.ts';
import type { ApiAnswer } from '../../src/cli/api-client.ts';

/** What a test can set of the service under it. */
export interface TestServiceOptions extends ServiceDeps {
  /** As the YAML file would have it, nested. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** A folder to start on again; absent: a temporary one, removed at the end. */
  readonly data?: string;
  /** In test mode, which has no folder. */
  readonly testMode?: boolean;
}

/** A whole service on free ports of loopback. */
export interface TestService extends AsyncDisposable {
  readonly service: Service;
  readonly data: string;
  readonly key: KeyPair;
  /** `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** An RTMP URL of the service: `rtmp://127.0.0.1:<port>/<path>`. */
  rtmpUrl(path: string): string;
  /** Calls the API, signed with V3. */
  call(action: string, parameters: Readonly<Record<string, string>>): Promise<ApiAnswer>;
  /** The value of a Prometheus sample, labels as text: `name{a="b"}`; 0 when there is none. */
  metric(sample: string): Promise<number>;
}

/** Starts it. */
export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const scratch = await mkdtemp(join(tmpdir(), 'sluice-test-'));
  const data = options.data ?? join(scratch, 'data');
  const file = join(scratch, 'sluice.yaml');
  await writeFile(file, JSON.stringify(options.config ?? {}));
  const flags = {
    ...(options.testMode ? { testMode: 'true' } : { data, 'api.host': '127.0.0.1' }),
    'api.port': '0',
    'rtmp.port': '0',
    'rtmps.port': '0',
    'internal.port': '0',
  };
  const service = await startService(loadConfig({ flags, file }), { log: silentLogger, ...options });
  const key = service.rootKey;
  if (!key) throw new Error('no root key');
  const endpoint = `http://127.0.0.1:${service.httpPort}`;
  const client = { endpoint, key, clock: options.clock ?? systemClock, ids: systemIds };
  return {
    service,
    data,
    key,
    endpoint,
    rtmpUrl: (path) => `rtmp://127.0.0.1:${service.rtmpPort}/${path}`,
    call: (action, parameters) => callApi(client, action, parameters),
    metric: async (sample) => {
      const page = await (await fetch(`http://127.0.0.1:${service.internalPort}/metrics`)).text();
      const line = page.split('\n').find((one) => one.startsWith(`${sample} `));
      return line === undefined ? 0 : Number(line.slice(sample.length + 1));
    },
    [Symbol.asyncDispose]: async () => {
      await service.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
