import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createRequire } from 'node:module';
import type OpenApi from '@alicloud/openapi-core';
import type * as Darabonba from '@darabonba/typescript';

const require = createRequire(import.meta.url);
const { default: OpenApiClient, $OpenApiUtil } = require('@alicloud/openapi-core') as typeof OpenApi;
const { RuntimeOptions } = require('@darabonba/typescript') as typeof Darabonba;

/** The key of every service in test mode. It is no secret: such a service answers on loopback only. */
export const TEST_KEY = {
  accessKeyId: 'test-access-key-id',
  accessKeySecret: 'test-access-key-secret',
} as const;

/** A fault as DescribeTestState shows it. */
export interface ShownFault {
  readonly ActionName: string;
  readonly Fault: string;
  /** Calls that have met it. */
  readonly Hits: number;
}

interface Ports {
  readonly httpPort: number;
  readonly rtmpPort: number;
}

/** A `sluice serve --test-mode` of this suite's own, on free ports. */
export class TestService {
  readonly endpoint: string;
  readonly rtmpPort: number;
  readonly #child: ChildProcess;
  readonly #client: OpenApi.default;

  private constructor(child: ChildProcess, { httpPort, rtmpPort }: Ports) {
    this.#child = child;
    this.endpoint = `http://127.0.0.1:${httpPort}`;
    this.rtmpPort = rtmpPort;
    const at = { endpoint: `127.0.0.1:${httpPort}`, protocol: 'http' };
    this.#client = new OpenApiClient(new $OpenApiUtil.Config({ ...TEST_KEY, ...at }));
  }

  /** Starts it and waits until it is ready. */
  static async start(): Promise<TestService> {
    const command = (process.env['SLUICE_COMMAND'] ?? 'sluice').split(' ');
    const [program = 'sluice', ...args] = command;
    const anyPort = ['--api-port', '0', '--rtmp-port', '0', '--internal-port', '0'];
    const child = spawn(program, [...args, 'serve', '--test-mode', ...anyPort], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ports = await readyPorts(child.stdout);
    if (!ports) throw new Error(`${command.join(' ')} ended before it was ready`);
    // Whoever does not read on would stop the service when the pipe is full.
    child.stdout.resume();
    return new TestService(child, ports);
  }

  /** Everything as after a start: call it before each test. */
  async reset(): Promise<void> {
    await this.#call('ResetTestState', {});
  }

  /** Makes so many minutes pass. */
  async advance(minutes: number): Promise<void> {
    await this.#call('AdvanceTestClock', { Seconds: String(minutes * 60) });
  }

  /** Makes the next calls of an operation meet a fault. */
  async inject(ActionName: string, Fault: string, more: Record<string, string> = {}): Promise<void> {
    await this.#call('InjectTestFault', { ActionName, Fault, ...more });
  }

  /** The injected faults, and how many calls have met them. */
  async faults(): Promise<readonly ShownFault[]> {
    const { Faults } = await this.#call('DescribeTestState', {});
    return (Faults as { Fault: ShownFault[] }).Fault;
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await ended;
  }

  async #call(action: string, query: Record<string, string>): Promise<Record<string, unknown>> {
    const common = { version: '2016-11-01', protocol: 'HTTP', pathname: '/', method: 'POST', authType: 'AK' };
    const bodies = { style: 'RPC', reqBodyType: 'formData', bodyType: 'json' };
    const params = new $OpenApiUtil.Params({ action, ...common, ...bodies });
    const request = new $OpenApiUtil.OpenApiRequest({ query });
    const answer = await this.#client.callApi(params, request, new RuntimeOptions({}));
    return answer['body'] as Record<string, unknown>;
  }
}

/** The log is one JSON object per line; the line `ready` has the ports. Undefined when the log ends without it. */
async function readyPorts(log: Readable): Promise<Ports | undefined> {
  for await (const line of createInterface({ input: log })) {
    const entry = JSON.parse(line) as Ports & { readonly msg: string };
    if (entry.msg === 'ready') return entry;
  }
  return undefined;
}
