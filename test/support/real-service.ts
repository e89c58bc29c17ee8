import { readFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { text as bodyOf } from 'node:stream/consumers';
import type { KeyPair } from '../../src/app/root-key.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemIds } from '../../src/base/ids.ts';
import { callApi } from '../../src/cli/api-client.ts';
import type { ApiAnswer } from '../../src/cli/api-client.ts';
import { SERVE, SluiceProcess } from './sluice-process.ts';

/** How the process is run. */
export interface RealServiceOptions {
  readonly data: string;
  /** More flags of `sluice serve`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs it. */
  readonly under?: readonly string[];
}

/** `sluice serve` in a process of its own, ready, and what a test needs to call it. */
export class RealService implements AsyncDisposable {
  readonly process: SluiceProcess;
  readonly ports: { readonly httpPort: number; readonly rtmpPort: number; readonly internalPort: number };
  readonly key: KeyPair;

  private constructor(process: SluiceProcess, ports: RealService['ports'], key: KeyPair) {
    this.process = process;
    this.ports = ports;
    this.key = key;
  }

  /** Starts it. @throws Error with what it wrote when it ends instead. */
  static async start({ data, flags = [], env = {}, under = [] }: RealServiceOptions): Promise<RealService> {
    const process = new SluiceProcess([...SERVE, '--data', data, ...flags], env, under);
    try {
      const ports = await process.ready();
      const key = JSON.parse(await readFile(join(data, 'root-key.json'), 'utf8')) as KeyPair;
      return new RealService(process, ports, key);
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.process.child.pid ?? 0;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.ports.httpPort}`;
  }

  /** Calls the API, signed; by default with the root key. */
  call(action: string, parameters: Readonly<Record<string, string>>, key = this.key): Promise<ApiAnswer> {
    const client = { endpoint: this.endpoint, key, clock: systemClock, ids: systemIds };
    return callApi(client, action, parameters);
  }

  /** The answer of `/readyz`. */
  async readiness(): Promise<{ status: number; checks: Readonly<Record<string, string>> }> {
    const { status, text } = await internalPage(this.ports.internalPort, '/readyz');
    const { checks } = JSON.parse(text) as { checks: Record<string, string> };
    return { status, checks };
  }

  /** The samples of `/metrics`, labels as text. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const page = await internalPage(this.ports.internalPort, '/metrics');
    const lines = page.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
    );
  }

  /** The lines of its log at the level error or above. */
  errors(): { msg: string; error?: string }[] {
    return this.process.out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { level: number; msg: string; error?: string })
      .filter(({ level }) => level >= 50);
  }

  /** `kill -9`, and its end. */
  async kill(): Promise<void> {
    this.process.child.kill('SIGKILL');
    await this.process.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }
}

/** On a connection of its own, which is gone afterwards: it must not count among what the process holds. */
function internalPage(port: number, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      bodyOf(answer).then((text) => resolve({ status: answer.statusCode ?? 0, text }), reject);
    });
    asked.on('error', reject);
  });
}
