import { withDeadline } from '../../base/deadline.ts';
import { formatTimestamp } from '../../base/timestamp.ts';
import { callApi } from '../api-client.ts';
import type { ApiAnswer } from '../api-client.ts';
import { FlvRefusedError, playFlv } from '../flv-player.ts';
import { RtmpRefusedError } from '../rtmp-client.ts';
import type { RtmpEnd } from '../rtmp-client.ts';
import { tableOf } from '../table.ts';
import { DemoFailure, verify } from './narrator.ts';
import type { Narrator } from './narrator.ts';
import { publish, watch } from './peers.ts';
import type { Audience, Encoder } from './peers.ts';
import type { Stage } from './stage.ts';

/** What the parts of the demo share. */
export interface Scene {
  readonly stage: Stage;
  readonly narrator: Narrator;
  /** Aborted when the user has seen enough. */
  readonly stop: AbortSignal;
}

/** Milliseconds that anything but the block itself may take. */
const PATIENCE_MS = 5000;
const WATCH_MS = 1500;
/** Frames that must arrive in {@link WATCH_MS}; the sample has 25 a second. */
const ENOUGH_FRAMES = 20;
/** The block lasts so long, up to a second more because the API counts whole seconds. */
const BLOCK_MS = 5000;

/** Publishes and plays; gives both. */
export async function goLive({ stage, narrator }: Scene): Promise<{ encoder: Encoder; audience: Audience }> {
  narrator.chapter('A real publisher over RTMP, and two players');
  const encoder = await publish(stage);
  narrator.say(`publishing assets/sample.flv to ${stage.rtmpUrl}`);
  const audience = await watch(stage);
  narrator.say(`playing ${stage.rtmpUrl}`);
  narrator.say(`playing ${stage.flvUrl}`);
  return { encoder, audience };
}

/** Looks on for a moment: pictures must arrive at both players. */
export async function seePictures({ stage, narrator, stop }: Scene, audience: Audience): Promise<void> {
  const before = { rtmp: audience.rtmp.frames, flv: audience.flv.frames };
  await pause(WATCH_MS, { stage, stop });
  const rtmp = audience.rtmp.frames - before.rtmp;
  const flv = audience.flv.frames - before.flv;
  narrator.say(`${rtmp} frames by RTMP and ${flv} by HTTP-FLV within ${WATCH_MS / 1000} s`);
  verify(rtmp >= ENOUGH_FRAMES && flv >= ENOUGH_FRAMES, 'a player got too few frames');
}

/** Makes the signed call while the stream is live; gives the time at which it may come back. */
export async function forbid(
  { stage, narrator }: Scene,
  { encoder, audience }: { encoder: Encoder; audience: Audience },
): Promise<{ resumeAt: number; cutMs: number }> {
  const { clock } = stage;
  const resumeAt = Math.ceil((clock.now() + BLOCK_MS) / 1000) * 1000;
  narrator.chapter('Forbid it by a signed call');
  const parameters = { ...stage.names, LiveStreamType: 'publisher', ResumeTime: formatTimestamp(resumeAt) };
  narrator.say(`ForbidLiveStream, ResumeTime ${parameters.ResumeTime}, Reason "demo"`);
  const calledAt = clock.monotonic();
  const answered = callApi(stage.api, 'ForbidLiveStream', { ...parameters, Reason: 'demo' });
  const end = await inTime(stage, encoder.ended, 'the publisher was not cut');
  const answer = await answered;
  const answeredMs = clock.monotonic() - calledAt;
  verify(answer.status === 200, `ForbidLiveStream answered ${answer.status} ${String(answer.body['Code'])}`);
  await inTime(stage, audience.ended, 'the players were not ended');
  const cutMs = (end.toldAt ?? end.at) - calledAt;
  narrator.say(`answered 200 after ${answeredMs.toFixed(1)} ms`);
  narrator.say(`the publisher was told ${wordOf(end)} after ${cutMs.toFixed(1)} ms`);
  narrator.say(
    `its socket was closed after ${(end.at - calledAt).toFixed(1)} ms (${end.error ?? 'orderly'})`,
  );
  const lastFrame = Math.max(audience.rtmp.lastAt ?? 0, audience.flv.lastAt ?? 0) - calledAt;
  narrator.say(`the last frame reached a player ${aroundCall(lastFrame)}; both players have ended`);
  return { resumeAt, cutMs };
}

/** Tries to come back until the block ends; gives the publisher that was let in. */
export async function stayOut({ stage, narrator, stop }: Scene, resumeAt: number): Promise<Encoder> {
  const { clock } = stage;
  narrator.chapter('It tries to come back');
  await seeRefusedPlayer({ stage, narrator, stop });
  await verifyState({ stage, narrator, stop }, 'forbidden');
  let attempts = 0;
  for (;;) {
    const startedAt = clock.now();
    const attempt = await tryToPublish(stage);
    if ('encoder' in attempt) {
      narrator.say(`let in ${((clock.now() - resumeAt) / 1000).toFixed(2)} s after ResumeTime`);
      verify(clock.now() >= resumeAt, 'the publisher came back before ResumeTime');
      verify(attempts > 0, 'no attempt was refused');
      return attempt.encoder;
    }
    attempts++;
    const early = (resumeAt - startedAt) / 1000;
    if (early > 1 || early < 0.15) narrator.say(`refused: ${attempt.refusal} (${early.toFixed(2)} s to go)`);
    verify(startedAt < resumeAt + PATIENCE_MS, 'the publisher was not let in after ResumeTime');
    // Once a second, and closely around the end.
    await pause(early > 1.2 ? 1000 : 100, { stage, stop });
  }
}

/** What the API says of the stream now. */
export async function verifyState({ stage, narrator }: Scene, expected: string): Promise<void> {
  const { body } = await callApi(stage.api, 'DescribeLiveStreamState', stage.names);
  narrator.say(`DescribeLiveStreamState: ${String(body['StreamState'])}`);
  verify(body['StreamState'] === expected, `the stream should be ${expected}`);
}

/** Shows the control history, which must hold the call and what it reached. */
export async function showHistory({ stage, narrator }: Scene): Promise<void> {
  narrator.chapter('It is on record');
  const now = stage.clock.now();
  const span = { StartTime: formatTimestamp(now - 3_600_000), EndTime: formatTimestamp(now + 60_000) };
  const { DomainName, AppName } = stage.names;
  const answer = await callApi(stage.api, 'DescribeLiveStreamsControlHistory', {
    DomainName,
    AppName,
    ...span,
  });
  const records = recordsOf(answer);
  const rows = records.map((record) => COLUMNS.map((column) => textOf(record[column])));
  narrator.plain(tableOf(COLUMNS, rows).replace(/^/gm, '            ').trimEnd() + '\n');
  const forbidden = records.find((record) => record['Action'] === 'ForbidLiveStream');
  verify(forbidden !== undefined, 'the history does not hold the call');
  verify(textOf(forbidden['Effect']).includes('Publishers 1'), 'the history does not hold the effect');
}

const COLUMNS = ['TimeStamp', 'Action', 'StreamName', 'ClientIP', 'Reason', 'Outcome', 'Effect'];

function recordsOf({ body }: ApiAnswer): Record<string, unknown>[] {
  const { LiveStreamControlInfo: records } = (body['ControlInfo'] ?? {}) as Record<string, unknown>;
  return Array.isArray(records) ? (records as Record<string, unknown>[]) : [];
}

/** Objects as `Name value, Name value`. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, part]) => `${name} ${String(part)}`)
    .join(', ');
}

/** One attempt to publish, and why it was refused. */
export async function tryToPublish(stage: Stage): Promise<{ encoder: Encoder } | { refusal: string }> {
  try {
    return { encoder: await publish(stage) };
  } catch (error) {
    if (error instanceof RtmpRefusedError && error.end.code !== undefined)
      return { refusal: `${error.end.code}, ${error.message}` };
    throw error;
  }
}

async function seeRefusedPlayer({ stage, narrator }: Scene): Promise<void> {
  try {
    const player = await playFlv({ url: stage.flvUrl, onTag: () => undefined });
    player.close();
  } catch (error) {
    if (!(error instanceof FlvRefusedError)) throw error;
    narrator.say(`${stage.flvUrl} answers ${error.status}`);
    return;
  }
  throw new DemoFailure('the forbidden stream could be played');
}

function wordOf({ code, description }: RtmpEnd): string {
  return code === undefined ? 'nothing' : `${code} (${description ?? ''})`;
}

/** A moment told from the call, in words: the last frame is as often before it as after it. */
export function aroundCall(ms: number): string {
  return `${Math.abs(ms).toFixed(1)} ms ${ms < 0 ? 'before' : 'after'} the call was sent`;
}

function inTime<T>({ clock }: Stage, work: Promise<T>, failure: string): Promise<T> {
  return withDeadline(work, { clock, ms: PATIENCE_MS, expired: () => new DemoFailure(failure) });
}

/** Waits, unless the user has seen enough. @throws DemoFailure then */
export function pause(ms: number, { stage, stop }: { stage: Stage; stop: AbortSignal }): Promise<void> {
  return new Promise((resolve, reject) => {
    const interrupted = (): void => {
      timer.cancel();
      reject(new DemoFailure('interrupted'));
    };
    const timer = stage.clock.after(ms, () => {
      stop.removeEventListener('abort', interrupted);
      resolve();
    });
    if (stop.aborted) interrupted();
    else stop.addEventListener('abort', interrupted, { once: true });
  });
}
