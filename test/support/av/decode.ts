/**
 * FFmpeg's demuxer and decoder (through node-av) as a process of its own: opens a URL or file, decodes FRAMES pictures,
 * and prints one JSON line with what it saw: codec, size, pictures (timestamp in ms and the mean of the luma in each cell
 * of an 8x4 grid) and the number of audio packets decoded.
 *
 *   tsx test/support/av/decode.ts URL FRAMES
 */
import { Codec, CodecContext, Dictionary, FFmpegError, FormatContext, Frame, Log, Packet } from 'node-av/lib';
import type { Stream } from 'node-av/lib';
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO, AV_LOG_QUIET } from 'node-av/constants';

const [url = '', wanted = '10'] = process.argv.slice(2);
Log.setLevel(AV_LOG_QUIET);

/** Mean luma (the first plane of 8-bit planar YUV) of each cell of an 8x4 grid, rounded. */
function grid(frame: Frame): number[] {
  const luma = frame.toBuffer();
  const { width, height } = frame;
  const cells: number[] = [];
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 8; column++) {
      let sum = 0;
      let count = 0;
      for (let y = Math.floor((row * height) / 4); y < Math.floor(((row + 1) * height) / 4); y++) {
        for (let x = Math.floor((column * width) / 8); x < Math.floor(((column + 1) * width) / 8); x++) {
          sum += luma[y * width + x] ?? 0;
          count += 1;
        }
      }
      cells.push(Math.round(sum / count));
    }
  }
  return cells;
}

interface Decoder {
  readonly name: string;
  readonly context: CodecContext;
}

function openDecoder(stream: Stream): Decoder {
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (!codec) throw new Error('no decoder');
  const context = new CodecContext();
  context.allocContext3(codec);
  FFmpegError.throwIfError(context.parametersToContext(stream.codecpar), 'parameters');
  context.threadCount = 1;
  FFmpegError.throwIfError(context.open2Sync(codec, null), 'open decoder');
  return { name: codec.name ?? '', context };
}

try {
  const input = new FormatContext();
  const options = Dictionary.fromObject({ rw_timeout: '5000000' });
  FFmpegError.throwIfError(await input.openInput(url, null, options), 'openInput');
  FFmpegError.throwIfError(await input.findStreamInfo(), 'findStreamInfo');
  const decoders = new Map<number, Decoder>();
  const packet = new Packet();
  packet.alloc();
  const frame = new Frame();
  frame.alloc();
  const result = {
    codec: '',
    audioCodec: '',
    width: 0,
    height: 0,
    audioFrames: 0,
    pictures: [] as { ms: number; cells: number[] }[],
  };
  while (result.pictures.length < Number(wanted) && (await input.readFrame(packet)) >= 0) {
    const stream = input.streams[packet.streamIndex];
    const type = stream?.codecpar.codecType;
    if (!stream || (type !== AVMEDIA_TYPE_VIDEO && type !== AVMEDIA_TYPE_AUDIO)) continue;
    const decoder = decoders.get(stream.index) ?? openDecoder(stream);
    decoders.set(stream.index, decoder);
    await decoder.context.sendPacket(packet);
    packet.unref();
    while ((await decoder.context.receiveFrame(frame)) >= 0) {
      if (type === AVMEDIA_TYPE_AUDIO) {
        result.audioFrames += 1;
        result.audioCodec = decoder.name;
      } else {
        const { num, den } = stream.timeBase;
        Object.assign(result, { codec: decoder.name, width: frame.width, height: frame.height });
        result.pictures.push({ ms: Math.round((Number(frame.pts) * 1000 * num) / den), cells: grid(frame) });
      }
      frame.unref();
    }
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(0);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`,
  );
  process.exit(3);
}
