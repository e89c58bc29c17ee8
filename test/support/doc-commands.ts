import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A command line of a page and the error code that its comment announces. */
export interface DocCommand {
  readonly line: string;
  readonly code: string | undefined;
}

/** The `sluice` lines of the shell blocks of a page, in their order. */
export function commandsOf(page: string): DocCommand[] {
  const blocks = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, body = '']) => body);
  const lines = blocks.join('').replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((text) => {
    const [, line = '', comment = ''] = /^(.*?)(?:\s+#\s*(.*))?$/.exec(text) ?? [];
    const code = /^[A-Z][A-Za-z.]+$/.test(comment) ? comment : undefined;
    return line.trim() === '' ? [] : [{ line: line.trim(), code }];
  });
}

/** Writes the JSON blocks of a page into a folder, each under the name that the text before it gives it. */
export function writeNamedFiles(page: string, folder: string): void {
  for (const [, before = '', body = ''] of page.matchAll(/([^]*?)^```json\n([^]*?)^```$/gm)) {
    const name = before
      .match(/`[\w-]+\.json`/g)
      ?.at(-1)
      ?.slice(1, -1);
    if (name !== undefined) writeFileSync(join(folder, name), body);
  }
}

/** The words of a command line as a shell passes them on; `$(cat ...)` reads files of the folder. */
export function wordsOf(line: string, folder: string): string[] {
  const script = `sluice() { printf '%s\\0' "$@"; }\n${line}`;
  return execFileSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' }).split('\0').slice(0, -1);
}
