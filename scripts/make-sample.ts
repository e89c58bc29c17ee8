/**
 * Makes the committed media: `assets/sample.flv`, which the demo publishes, and the FLV fixtures of the tests. Run it
 * with `npx tsx scripts/make-sample.ts`; it needs the dev dependency node-av and writes the same bytes on every run with
 * the same version of it.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AV_LOG_ERROR } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { makeSample, type Recipe } from './make-sample/encode.ts';

const root = join(import.meta.dirname, '..');

const RECIPES: Recipe[] = [
  { file: 'assets/sample.flv', seconds: 10, video: 'h264', audio: 'aac' },
  { file: 'test/fixtures/hevc.flv', seconds: 2, video: 'hevc', audio: 'aac' },
  { file: 'test/fixtures/av1.flv', seconds: 2, video: 'av1', audio: 'none' },
  { file: 'test/fixtures/opus.flv', seconds: 2, video: 'h264', audio: 'opus' },
];

Log.setLevel(AV_LOG_ERROR);
for (const recipe of RECIPES) {
  const file = join(root, recipe.file);
  await mkdir(dirname(file), { recursive: true });
  await makeSample({ ...recipe, file });
  console.log(`${recipe.file} ${(await stat(file)).size} bytes`);
}
