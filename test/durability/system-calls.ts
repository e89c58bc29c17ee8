/** A system call that changes files or makes changes durable, or one by which the process tells something. */
export type SystemCall =
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'create'; readonly path: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'sync'; readonly path: string; readonly ok: boolean }
  | { readonly kind: 'said'; readonly text: string };

/** How strace is called, so that {@link systemCallsOf} can read what it writes. */
export function straceArguments(log: string): string[] {
  const calls = 'openat,pwrite64,write,ftruncate,fsync,fdatasync,unlink';
  return ['-D', '-f', '-y', '-xx', '-s', '1000000', '-o', log, '-e', `trace=${calls}`];
}

const TEXT = String.raw`((?:\\x[0-9a-f]{2})*)`;
const WRITE = new RegExp(String.raw`^pwrite64\(\d+<${TEXT}>, "${TEXT}", \d+, (\d+)`);
const SAID = new RegExp(String.raw`^write\(1<${TEXT}>, "${TEXT}"`);
const TRUNCATE = new RegExp(String.raw`^ftruncate\(\d+<${TEXT}>, (\d+)`);
const SYNC = new RegExp(String.raw`^f(?:data)?sync\(\d+<${TEXT}>`);
const OPEN = new RegExp(String.raw`^openat\(AT_FDCWD<${TEXT}>, "${TEXT}", [A-Z_|]*O_CREAT`);
const UNLINK = new RegExp(String.raw`^unlink\("${TEXT}"`);

/**
 * The calls of a log of strace in their order: a change counts from its beginning, because its effect may be there from
 * then on, and a sync from its end.
 */
export function systemCallsOf(log: string): SystemCall[] {
  const begun = new Map<string, string>();
  const calls: SystemCall[] = [];
  for (const line of log.split('\n')) {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, result] = /<\.\.\. \w+ resumed>.*= (.*)$/.exec(text) ?? [];
    if (result !== undefined) {
      const sync = syncOf(begun.get(thread) ?? '', result);
      if (sync) calls.push(sync);
      continue;
    }
    begun.set(thread, text);
    const change = changeOf(text);
    if (change) calls.push(change);
    const sync = text.endsWith('<unfinished ...>') ? undefined : syncOf(text, text.split(' = ').at(-1) ?? '');
    if (sync) calls.push(sync);
  }
  return calls;
}

function changeOf(text: string): SystemCall | undefined {
  const write = WRITE.exec(text);
  if (write)
    return { kind: 'write', path: textOf(write[1]), data: bytesOf(write[2]), offset: Number(write[3]) };
  const said = SAID.exec(text);
  if (said) return { kind: 'said', text: textOf(said[2]) };
  const truncate = TRUNCATE.exec(text);
  if (truncate) return { kind: 'truncate', path: textOf(truncate[1]), size: Number(truncate[2]) };
  const open = OPEN.exec(text);
  if (open) return { kind: 'create', path: textOf(open[2]) };
  const unlink = UNLINK.exec(text);
  return unlink ? { kind: 'unlink', path: textOf(unlink[1]) } : undefined;
}

function syncOf(text: string, result: string): SystemCall | undefined {
  const sync = SYNC.exec(text);
  return sync ? { kind: 'sync', path: textOf(sync[1]), ok: result.trim() === '0' } : undefined;
}

function bytesOf(hex = ''): Buffer {
  return Buffer.from(hex.replaceAll(String.raw`\x`, ''), 'hex');
}

function textOf(hex?: string): string {
  return bytesOf(hex).toString();
}
