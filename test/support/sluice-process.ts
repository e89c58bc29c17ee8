import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from './wait.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What Node runs: the bundle of the tests' set-up, which starts in a fifth of the time, else the sources. */
const bundle = process.env['SLUICE_TEST_SERVICE'];
const PROGRAM = bundle === undefined ? ['--import', 'tsx', 'src/main.ts'] : [bundle];

/** `serve` on free ports of loopback. */
export const SERVE = [
  'serve',
  '--api-host',
  '127.0.0.1',
  '--api-port',
  '0',
  '--rtmp-port',
  '0',
  '--internal-port',
  '0',
];

/** `sluice ...` in a process of its own, as an operator starts it. */
export class SluiceProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  out = '';
  err = '';
  readonly ended: Promise<number | string>;

  /** `under`: a program, with arguments, that runs the process. */
  constructor(
    argv: readonly string[],
    env: Readonly<Record<string, string>> = {},
    under: readonly string[] = [],
  ) {
    const [program = '', ...rest] = [...under, process.execPath, ...PROGRAM, ...argv];
    this.child = spawn(program, rest, {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (bytes: Buffer) => (this.out += bytes.toString()));
    this.child.stderr?.on('data', (bytes: Buffer) => (this.err += bytes.toString()));
    this.ended = once(this.child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  }

  /** `sluice serve` on free ports of loopback. */
  static serve(data: string, ...more: string[]): SluiceProcess {
    return new SluiceProcess([...SERVE, '--data', data, ...more]);
  }

  /** The same, that dies when its objects take more than so many MiB. */
  static serveWithin(heapMib: number, data: string, ...more: string[]): SluiceProcess {
    const env = { NODE_OPTIONS: `--max-old-space-size=${heapMib}` };
    return new SluiceProcess([...SERVE, '--data', data, ...more], env);
  }

  /** The ports of the log line that tells that the service is ready. */
  async ready(): Promise<{ httpPort: number; rtmpPort: number; internalPort: number }> {
    const line = (): string | undefined => this.out.split('\n').find((one) => one.includes('"msg":"ready"'));
    await until(
      () => line() !== undefined || this.child.exitCode !== null,
      'the service to be ready',
      25_000,
    );
    const found = line();
    if (found === undefined) throw new Error(`the service ended: ${this.err}`);
    return JSON.parse(found) as { httpPort: number; rtmpPort: number; internalPort: number };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.ended;
  }
}
