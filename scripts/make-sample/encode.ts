import {
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AVFMT_FLAG_BITEXACT,
  FF_ENCODER_AAC,
  FF_ENCODER_LIBOPUS,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
} from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Packet,
  Rational,
} from 'node-av/lib';
import { drawPicture, HEIGHT, WIDTH } from './picture.ts';

export interface Recipe {
  /** Path of the FLV file to write. */
  file: string;
  seconds: number;
  video: 'h264' | 'hevc' | 'av1';
  audio: 'aac' | 'opus' | 'none';
}

const FPS = 25;

/** Encoder and options; one key frame a second and no B-frames throughout. */
const VIDEO = {
  h264: {
    encoder: FF_ENCODER_LIBX264,
    options: {
      preset: 'slow',
      profile: 'main',
      crf: '25',
      'x264-params': 'scenecut=0:keyint=25:min-keyint=25',
    },
  },
  hevc: {
    encoder: FF_ENCODER_LIBX265,
    options: {
      preset: 'medium',
      crf: '32',
      'x265-params': 'scenecut=0:keyint=25:min-keyint=25:log-level=none',
    },
  },
  av1: {
    encoder: FF_ENCODER_LIBSVTAV1,
    options: { preset: '8', crf: '45', 'svtav1-params': 'keyint=25:pred-struct=1:lp=1' },
  },
} as const;

const AUDIO = {
  aac: { encoder: FF_ENCODER_AAC, rate: 44_100, bitRate: 56_000n, format: AV_SAMPLE_FMT_FLTP },
  opus: { encoder: FF_ENCODER_LIBOPUS, rate: 48_000, bitRate: 32_000n, format: AV_SAMPLE_FMT_FLT },
} as const;

/** A source of frames for one encoder, and the stream that its packets go to. */
interface Track {
  context: CodecContext;
  /** Fills the next frame; false at the end. */
  next(frame: Frame): boolean;
  /** Seconds of what `next` made so far. */
  time(): number;
}

/** Encodes the test picture and tone as FLV, the same bytes on every run. */
export async function makeSample(recipe: Recipe): Promise<void> {
  const tracks = [await videoTrack(recipe)];
  if (recipe.audio !== 'none') tracks.push(await audioTrack(recipe.audio, recipe.seconds));
  const output = new FormatContext();
  check(output.allocOutputContext2(null, 'flv', recipe.file), 'allocate output');
  output.setFlags(AVFMT_FLAG_BITEXACT);
  const streams = tracks.map(({ context }) => {
    const stream = output.newStream();
    stream.timeBase = context.timeBase;
    stream.avgFrameRate = context.framerate;
    check(stream.codecpar.fromContext(context), 'parameters');
    return stream;
  });
  check(await output.openOutput(), 'open output');
  check(await output.writeHeader(null), 'write header');

  const frame = new Frame();
  frame.alloc();
  const packet = new Packet();
  packet.alloc();
  const drain = async (index: number): Promise<void> => {
    const { context } = tracks[index]!;
    const stream = streams[index];
    while (stream && (await context.receivePacket(packet)) >= 0) {
      packet.streamIndex = stream.index;
      packet.rescaleTs(context.timeBase, stream.timeBase);
      check(await output.interleavedWriteFrame(packet), 'write');
    }
  };
  const open = new Set(tracks.keys());
  while (open.size > 0) {
    const index = [...open].reduce((a, b) => (timeOf(tracks, b) < timeOf(tracks, a) ? b : a));
    const track = tracks[index]!;
    const more = track.next(frame);
    check(await track.context.sendFrame(more ? frame : null), 'encode');
    frame.unref();
    await drain(index);
    if (!more) open.delete(index);
  }
  check(await output.writeTrailer(), 'write trailer');
  await output.closeOutput();
}

function timeOf(tracks: Track[], index: number): number {
  return tracks[index]?.time() ?? 0;
}

async function videoTrack(recipe: Recipe): Promise<Track> {
  const { encoder, options } = VIDEO[recipe.video];
  const context = newContext(encoder);
  context.width = WIDTH;
  context.height = HEIGHT;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, FPS);
  context.framerate = new Rational(FPS, 1);
  context.gopSize = FPS;
  context.maxBFrames = 0;
  check(await context.open2(null, Dictionary.fromObject(options)), 'open video encoder');
  let index = 0;
  return {
    context,
    time: () => index / FPS,
    next: (frame) => {
      if (index === recipe.seconds * FPS) return false;
      frame.format = AV_PIX_FMT_YUV420P;
      frame.width = WIDTH;
      frame.height = HEIGHT;
      check(frame.getBuffer(0), 'allocate picture');
      copyPicture(frame, drawPicture(index));
      frame.pts = BigInt(index);
      index += 1;
      return true;
    },
  };
}

/** Copies plane by plane, because the rows of a frame may be longer than the picture is wide. */
function copyPicture(frame: Frame, picture: Buffer): void {
  let from = 0;
  (frame.data ?? []).slice(0, 3).forEach((plane, index) => {
    const width = index === 0 ? WIDTH : WIDTH / 2;
    const rows = index === 0 ? HEIGHT : HEIGHT / 2;
    for (let row = 0; row < rows; row += 1, from += width) {
      picture.copy(plane, row * (frame.linesize[index] ?? width), from, from + width);
    }
  });
}

async function audioTrack(codec: 'aac' | 'opus', seconds: number): Promise<Track> {
  const { encoder, rate, bitRate, format } = AUDIO[codec];
  const context = newContext(encoder);
  context.sampleRate = rate;
  context.sampleFormat = format;
  context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
  context.bitRate = bitRate;
  context.timeBase = new Rational(1, rate);
  check(await context.open2(null, null), 'open audio encoder');
  const size = context.frameSize;
  let at = 0;
  return {
    context,
    time: () => at / rate,
    next: (frame) => {
      if (at + size > seconds * rate) return false;
      frame.format = format;
      frame.sampleRate = rate;
      frame.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
      frame.nbSamples = size;
      check(frame.getBuffer(0), 'allocate samples');
      for (const plane of frame.data ?? []) writeTone(plane, { at, rate, size, planar: codec === 'aac' });
      frame.pts = BigInt(at);
      at += size;
      return true;
    },
  };
}

/** A 440 Hz tone at a quarter of full scale, with a 880 Hz beep in the first tenth of every second. */
function writeTone(plane: Buffer, sound: { at: number; rate: number; size: number; planar: boolean }): void {
  const repeat = sound.planar ? 1 : 2;
  for (let i = 0; i < sound.size; i += 1) {
    const n = sound.at + i;
    const hertz = n % sound.rate < sound.rate / 10 ? 880 : 440;
    const sample = 0.25 * Math.sin((2 * Math.PI * hertz * n) / sound.rate);
    for (let c = 0; c < repeat; c += 1) plane.writeFloatLE(sample, (i * repeat + c) * 4);
  }
}

function newContext(encoder: Parameters<typeof Codec.findEncoderByName>[0]): CodecContext {
  const codec = Codec.findEncoderByName(encoder);
  if (!codec) throw new Error('node-av has no such encoder');
  const context = new CodecContext();
  context.allocContext3(codec);
  context.threadCount = 1;
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER, AV_CODEC_FLAG_BITEXACT);
  return context;
}

function check(code: number, what: string): void {
  FFmpegError.throwIfError(code, what);
}
