/**
 * Writes test/vectors/decisions.json: signature vectors for what this project decided where the protocol's sources are
 * silent or disagree, and for quirks of clients that no recording shows.
 *
 * They are signed here by a short, slow implementation that shares nothing with src/wire/rpc, so that a mistake in the
 * verifier cannot hide in its own vectors. Everything is fixed (keys, nonce, time): the file is the same on every run.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { v3Vectors } from './make-vectors/acs-v3.ts';
import { credentialVectors } from './make-vectors/credentials.ts';
import { v1Vectors } from './make-vectors/rpc-v1.ts';

/** The text of test/vectors/decisions.json. */
export function decisionVectors(): string {
  const vectors = [...v1Vectors(), ...v3Vectors(), ...credentialVectors()];
  const note = 'Made by scripts/make-vectors.ts. Credentials are fake. The form is that of signatures.json.';
  return `${JSON.stringify({ note, vectors }, null, 1)}\n`;
}

const OUTPUT = fileURLToPath(new URL('../test/vectors/decisions.json', import.meta.url));
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(OUTPUT, decisionVectors());
