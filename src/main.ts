#!/usr/bin/env node
import { relative } from 'node:path';
import { runCli } from './cli/program.ts';

/** Milliseconds from the signal to the end of the process, whatever hangs. */
const EXIT_MS = 4500;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    // Who asks twice does not want to wait.
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
    setTimeout(() => process.exit(1), EXIT_MS).unref();
  });

// A reader that goes away (`sluice call ... | head`) is no error of ours.
process.stdout.on('error', () => undefined);

try {
  const code = await runCli(process.argv.slice(2), {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    invocation: `node ${relative('', process.argv[1] ?? 'sluice')}`,
    env: process.env,
    isTerminal: process.stderr.isTTY,
    stop: stop.signal,
  });
  process.exitCode = code;
} catch (error) {
  process.stderr.write(
    `sluice: unexpected failure: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}
