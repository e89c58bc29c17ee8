#!/usr/bin/env node
import { relative } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runCli } from './cli/program.ts';

/** Milliseconds from the first signal to the end of the process, whatever hangs. */
const EXIT_MS = 4500;
/** npm, terminals and `timeout` send one wish twice, to the process and to its group. */
const SAME_WISH_MS = 500;

// Full garbage collections move all frames under way into the old generation, which brings the next full one: under the
// load of 100 publishers V8 found no way out of one per second. With room to four times what lives there is one in five
// to ten seconds, and ingest takes a fourth less processor time (docs/6-decisions/2026-11-25-cost-of-media.md).
setFlagsFromString('--heap-growing-percent=300');

// A reader that goes away (`sluice call ... | head`) is no error of ours.
process.stdout.on('error', () => undefined);

let stop: AbortController | undefined;

try {
  process.exitCode = await runCli(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    invocation: `node ${relative('', process.argv[1] ?? 'sluice')}`,
    env: process.env,
    isTerminal: process.stderr.isTTY,
    /** Signals are caught only for a command that asks; others end by them. */
    get stop() {
      stop ??= catchSignals();
      return stop.signal;
    },
    onHangup: (task) => void process.on('SIGHUP', task),
  });
} catch (error) {
  const text = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`sluice: unexpected failure: ${text}\n`);
  process.exitCode = 1;
  setTimeout(end, EXIT_MS, 'still busy').unref();
}

function catchSignals(): AbortController {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(end, EXIT_MS, 'closing took too long').unref();
    // Who asks again does not want to wait.
    const again = (): void => end('ended at once');
    setTimeout(() => process.on('SIGINT', again).on('SIGTERM', again), SAME_WISH_MS).unref();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return controller;
}

/** Not by `process.exit`: that stops threads from outside, which native modules answer with a crash. */
function end(why: string): void {
  process.stderr.write(`sluice: ${why}\n`, () => process.kill(process.pid, 'SIGKILL'));
}
