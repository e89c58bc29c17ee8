import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from './wait.ts';

const ROOT = join(import.meta.dirname, '../..');

/** `sluice ...` in a process of its own, as an operator starts it. */
export class SluiceProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  out = '';
  err = '';
  readonly ended: Promise<number | string>;

  constructor(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', ...argv], {
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
    const ports = ['--api-port', '0', '--rtmp-port', '0', '--internal-port', '0'];
    return new SluiceProcess(['serve', '--data', data, '--api-host', '127.0.0.1', ...ports, ...more]);
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
