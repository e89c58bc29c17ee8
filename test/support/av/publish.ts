/**
 * FFmpeg's own RTMP publisher (through node-av) as a process of its own: sends a file to a URL in real time, again and
 * again with rising timestamps. One JSON line per event: `open`, then `error` (exit code 3) or `done` (0).
 *
 *   tsx test/support/av/publish.ts FILE URL SECONDS
 */
import { Dictionary, FFmpegError, FormatContext, Log, Packet } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { setTimeout as sleep } from 'node:timers/promises';

const [file = '', url = '', seconds = '10'] = process.argv.slice(2);
Log.setLevel(AV_LOG_QUIET);
const say = (event: object): void =>
  void process.stdout.write(`${JSON.stringify({ ...event, at: Date.now() })}\n`);

async function openInput(): Promise<FormatContext> {
  const input = new FormatContext();
  FFmpegError.throwIfError(await input.openInput(file), 'openInput');
  FFmpegError.throwIfError(await input.findStreamInfo(), 'findStreamInfo');
  return input;
}

async function openOutput(input: FormatContext): Promise<FormatContext> {
  const output = new FormatContext();
  FFmpegError.throwIfError(output.allocOutputContext2(null, 'flv', url), 'allocOutputContext2');
  for (const from of input.streams) {
    const to = output.newStream();
    FFmpegError.throwIfError(from.codecpar.copy(to.codecpar), 'copy');
    to.codecpar.codecTag = 0;
  }
  FFmpegError.throwIfError(await output.openOutput(), 'openOutput');
  const options = Dictionary.fromObject({ flvflags: 'no_duration_filesize' });
  FFmpegError.throwIfError(await output.writeHeader(options), 'writeHeader');
  return output;
}

/** Sends the file once from `offsetMs` on; returns the time of its end. */
async function sendOnce(
  output: FormatContext,
  pace: { start: number; offsetMs: number; endMs: number },
): Promise<number> {
  const input = await openInput();
  const packet = new Packet();
  packet.alloc();
  let last = pace.offsetMs;
  while (last < pace.endMs && (await input.readFrame(packet)) >= 0) {
    const from = input.streams[packet.streamIndex];
    const to = output.streams[packet.streamIndex];
    if (!from || !to) continue;
    packet.rescaleTs(from.timeBase, { num: 1, den: 1000 });
    packet.dts += BigInt(pace.offsetMs);
    packet.pts += BigInt(pace.offsetMs);
    last = Number(packet.dts);
    const early = last - (Date.now() - pace.start);
    if (early > 5) await sleep(early);
    packet.rescaleTs({ num: 1, den: 1000 }, to.timeBase);
    FFmpegError.throwIfError(await output.interleavedWriteFrame(packet), 'write');
  }
  packet.free();
  await input.closeInput();
  return last + 40;
}

try {
  const input = await openInput();
  const output = await openOutput(input);
  await input.closeInput();
  say({ event: 'open' });
  const endMs = Number(seconds) * 1000;
  const start = Date.now();
  for (let offsetMs = 0; offsetMs < endMs;) offsetMs = await sendOnce(output, { start, offsetMs, endMs });
  FFmpegError.throwIfError(await output.writeTrailer(), 'writeTrailer');
  say({ event: 'done' });
  process.exit(0);
} catch (error) {
  say({ event: 'error', message: error instanceof Error ? error.message : String(error) });
  process.exit(3);
}
