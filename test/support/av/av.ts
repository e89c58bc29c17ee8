import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One line that a publisher printed. */
export interface PublishEvent {
  readonly event: 'open' | 'done' | 'error';
  readonly message?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What the decoder saw. */
export interface Decoded {
  readonly error?: string;
  readonly codec: string;
  readonly audioCodec: string;
  readonly width: number;
  readonly height: number;
  readonly audioFrames: number;
  readonly pictures: readonly { ms: number; cells: readonly number[] }[];
}

function run(script: string, args: string[]): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** FFmpeg publishing a file in real time, in a process of its own. */
export class AvPublisher implements AsyncDisposable {
  readonly events: PublishEvent[] = [];
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(what: { file: string; url: string; seconds?: number }) {
    this.#child = run('publish.ts', [what.file, what.url, String(what.seconds ?? 60)]);
    if (this.#child.stdout) {
      createInterface(this.#child.stdout).on('line', (line) =>
        this.events.push(JSON.parse(line) as PublishEvent),
      );
    }
    this.ended = new Promise((resolve) => this.#child.on('close', resolve));
  }

  /** Whether an event of this kind was printed. */
  has(event: PublishEvent['event']): boolean {
    return this.events.some((one) => one.event === event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

/** FFmpeg reading `frames` pictures of a URL or file. */
export async function decode(url: string, frames: number): Promise<Decoded> {
  const child = run('decode.ts', [url, String(frames)]);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), 25_000);
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  return JSON.parse(text === '' ? '{"error":"the decoder was killed or died"}' : text) as Decoded;
}
