import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Random } from '../soak/random.ts';
import type { SystemCall } from './system-calls.ts';

interface Change {
  readonly offset: number;
  readonly data: Buffer | null;
}

/** A file: what is on the disk for sure, and what was changed since, which may be there or not. */
interface Inode {
  durable: Buffer;
  pending: Change[];
}

/** What becomes of changes that no sync covers when the power goes. */
export const FATES = ['none', 'all', 'some', 'torn'] as const;

/**
 * What a folder's system calls make sure of, as strictly as POSIX has it: only a sync of a file keeps its content, and
 * only a sync of the folder the names in it. After a sync that failed, what it should have written is never written.
 */
export class Disk {
  readonly #folder: string;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  apply(call: SystemCall): void {
    if (call.kind === 'said') return;
    const { path } = call;
    if (path === this.#folder && call.kind === 'sync') {
      if (call.ok) this.#durableNames = new Map(this.#names);
      return;
    }
    if (dirname(path) !== this.#folder || path.endsWith('-shm')) return;
    const name = basename(path);
    if (call.kind === 'unlink') this.#names.delete(name);
    else if (call.kind === 'create') this.#inode(name);
    else if (call.kind === 'sync') this.#sync(this.#inode(name), call.ok);
    else if (call.kind === 'truncate') this.#inode(name).pending.push({ offset: call.size, data: null });
    else this.#inode(name).pending.push({ offset: call.offset, data: call.data });
  }

  /** Writes what the disk may hold if the power goes now. */
  lose(target: string, { fate, random }: { fate: (typeof FATES)[number]; random: Random }): void {
    mkdirSync(target, { recursive: true });
    const names: ReadonlyMap<string, Inode> =
      fate === 'none' || random.chance(0.5) ? this.#durableNames : this.#names;
    for (const [name, { durable, pending }] of names) {
      const kept = fate === 'none' ? [] : pending.filter(() => fate === 'all' || random.chance(0.5));
      const changes = fate === 'torn' ? kept.map((change) => torn(change, random)) : kept;
      writeFileSync(join(target, name), changes.reduce(changed, durable));
    }
  }

  #inode(name: string): Inode {
    const known = this.#names.get(name) ?? { durable: Buffer.alloc(0), pending: [] };
    this.#names.set(name, known);
    return known;
  }

  #sync(inode: Inode, ok: boolean): void {
    if (ok) inode.durable = inode.pending.reduce(changed, inode.durable);
    inode.pending = [];
  }
}

const SECTOR = 512;

/** Of a write, only the first sectors. */
function torn({ offset, data }: Change, random: Random): Change {
  if (data === null) return { offset, data };
  return { offset, data: data.subarray(0, SECTOR * random.below(Math.ceil(data.length / SECTOR) + 1)) };
}

function changed(content: Buffer, { offset, data }: Change): Buffer {
  if (data === null) return Buffer.concat([content.subarray(0, offset)], offset);
  const size = Math.max(content.length, offset + data.length);
  const result = size === content.length ? Buffer.from(content) : Buffer.concat([content], size);
  data.copy(result, offset);
  return result;
}
