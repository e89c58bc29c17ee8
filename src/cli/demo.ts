import { messageOf } from '../base/errors.ts';
import { keepPublishing, whatNext } from './demo/keep.ts';
import { Narrator } from './demo/narrator.ts';
import { watch } from './demo/peers.ts';
import { forbid, goLive, seePictures, showHistory, stayOut, verifyState } from './demo/script.ts';
import type { Scene } from './demo/script.ts';
import { openStage } from './demo/stage.ts';
import type { CommandHost } from './host.ts';
import type { CliIo, ExitCode } from './io.ts';

/** `sluice demo`. */
export function addDemo({ program, io, run }: CommandHost): void {
  program
    .command('demo')
    .description(
      'Show the main job on a real stream: publish, play, forbid, stay out, come back. Nothing to set up.',
    )
    .option('--keep', 'leave the service running afterwards and print what to try next')
    .addHelpText(
      'after',
      `
Takes about ten seconds, on free ports, with a store in a temporary folder that is removed at the end. The exit code is 0
only when every step was verified.

Examples:
  $ sluice demo
  $ sluice demo --keep`,
    )
    .action(run((options: { keep?: boolean }) => demo(options, io)));
}

async function demo({ keep = false }: { keep?: boolean }, io: CliIo): Promise<ExitCode> {
  io.out('Sluice demo: a real stream, cut by a signed call, kept out until its time, and back again.\n');
  try {
    await perform(keep, io);
    if (keep) io.out('\nstopped; the store is removed\n');
    return 0;
  } catch (error) {
    // Whatever it is, a step was not verified.
    io.err(`\nsluice: the demo failed: ${messageOf(error)}\n`);
    return 1;
  }
}

/** The whole demo; its service and its store are gone afterwards. */
async function perform(keep: boolean, io: CliIo): Promise<void> {
  const { stop } = io;
  await using stage = await openStage();
  const narrator = new Narrator((text) => io.out(text), stage.clock);
  await play({ stage, narrator, stop }, keep, io);
}

async function play(scene: Scene, keep: boolean, io: CliIo): Promise<void> {
  const { stage, narrator } = scene;
  narrator.chapter('A service of its own');
  narrator.say(`API and playback on ${stage.api.endpoint}, RTMP on port ${stage.rtmp.port}`);
  narrator.say(`store in ${stage.directory}, removed at the end`);
  const live = await goLive(scene);
  await verifyState(scene, 'online');
  await seePictures(scene, live.audience);
  const { resumeAt, cutMs } = await forbid(scene, live);
  const encoder = await stayOut(scene, resumeAt);
  narrator.chapter('Live again');
  await verifyState(scene, 'online');
  const audience = await watch(stage);
  await seePictures(scene, audience);
  await showHistory(scene);
  await audience.close();
  narrator.plain(
    `\nEvery step was verified. Cut latency: ${cutMs.toFixed(1)} ms from the call to the publisher's end.\n`,
  );
  if (!keep) return encoder.close();
  io.out(whatNext(stage, io.invocation));
  await keepPublishing(scene, encoder);
}
