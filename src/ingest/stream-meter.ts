import type { Clock } from '../base/clock.ts';
import type { StreamStats } from '../core/streams.ts';
import type { AudioCodec, AudioInfo, VideoCodec, VideoInfo } from '../wire/flv/codec.ts';
import { audioParameters, videoParameters } from '../wire/flv/parameter-sets.ts';
import type { Frame } from './frame.ts';
import { RateWindow } from './rate-window.ts';

/** Codec numbers of the classic FLV header for codecs that enhanced RTMP names by FourCC; 12 to 14 are in wide use. */
const VIDEO_IDS: Partial<Record<VideoCodec, number>> = { h264: 7, hevc: 12, av1: 13, vvc: 14 };
const AUDIO_IDS: Partial<Record<AudioCodec, number>> = { aac: 10, opus: 13, mp3: 2 };

/** Measures one publish by what arrives, not by what the encoder claims. */
export class StreamMeter {
  readonly #clock: Clock;
  readonly #videoBytes: RateWindow;
  readonly #audioBytes: RateWindow;
  readonly #frames: RateWindow;
  #bytes = 0;
  #lastKeyframe: number | undefined;
  #keyframeIntervalSec: number | null = null;
  #video: StreamStats['video'] = null;
  #audio: StreamStats['audio'] = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    const now = clock.monotonic();
    this.#videoBytes = new RateWindow(now);
    this.#audioBytes = new RateWindow(now);
    this.#frames = new RateWindow(now);
  }

  /** `now` is the monotonic time at which it arrived. */
  add(frame: Frame, now: number): void {
    const { payload, video, audio } = frame;
    this.#bytes += payload.length;
    if (video) {
      this.#videoBytes.add(now, payload.length);
      this.#addVideo(frame, video, now);
    } else if (audio) {
      this.#audioBytes.add(now, payload.length);
      if (!this.#audio || audio.kind === 'sequence-header') this.#audio = describeAudio(payload, audio);
    }
  }

  stats(): StreamStats {
    const now = this.#clock.monotonic();
    return {
      bytes: this.#bytes,
      videoKbps: kbps(this.#videoBytes.perSecond(now)),
      audioKbps: kbps(this.#audioBytes.perSecond(now)),
      fps: Math.round(this.#frames.perSecond(now) * 100) / 100,
      keyframeIntervalSec: this.#keyframeIntervalSec,
      video: this.#video,
      audio: this.#audio,
    };
  }

  #addVideo({ payload, timestamp }: Frame, video: VideoInfo, now: number): void {
    if (!this.#video || video.kind === 'sequence-header') this.#video = describeVideo(payload, video);
    if (video.kind === 'frame') this.#frames.add(now, 1);
    if (!video.keyframe) return;
    // Timestamps wrap after 49.7 days; where they go back otherwise, the distance is not known.
    const distance = this.#lastKeyframe === undefined ? -1 : (timestamp - this.#lastKeyframe) | 0;
    if (distance >= 0) this.#keyframeIntervalSec = distance / 1000;
    this.#lastKeyframe = timestamp;
  }
}

function kbps(bytesPerSecond: number): number {
  return Math.round(((bytesPerSecond * 8) / 1000) * 100) / 100;
}

function describeVideo(payload: Buffer, info: VideoInfo): NonNullable<StreamStats['video']> {
  const size = videoParameters(payload, info);
  return {
    codec: info.codec,
    flvCodecId: info.flvCodecId ?? VIDEO_IDS[info.codec] ?? 0,
    width: size?.width ?? null,
    height: size?.height ?? null,
  };
}

function describeAudio(payload: Buffer, info: AudioInfo): NonNullable<StreamStats['audio']> {
  const sound = audioParameters(payload, info);
  return {
    codec: info.codec,
    flvCodecId: info.flvCodecId ?? AUDIO_IDS[info.codec] ?? 0,
    sampleRate: sound?.sampleRate ?? null,
    channels: sound?.channels ?? null,
  };
}
