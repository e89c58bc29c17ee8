import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of V8's .cpuprofile that is looked at. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** A place and its share of the time, 0 to 1. */
export interface Share {
  readonly place: string;
  readonly share: number;
}

/** Where a process was while it was not idle, by room or package, the largest share first. */
export function sharesOf(folder: string): Share[] {
  const micros = new Map<string, number>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile')))
    addProfile(micros, JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile);
  const total = [...micros.values()].reduce((sum, value) => sum + value, 0);
  return [...micros]
    .map(([place, value]) => ({ place, share: value / total }))
    .sort((a, b) => b.share - a.share);
}

function addProfile(micros: Map<string, number>, { nodes, samples, timeDeltas }: CpuProfile): void {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  for (const [i, id] of samples.entries()) {
    const place = places.get(id);
    if (place !== undefined) micros.set(place, (micros.get(place) ?? 0) + (timeDeltas[i] ?? 0));
  }
}

/** `dist/gateway/x.js` is the room `gateway`; undefined: idle. */
function placeOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string | undefined {
  if (functionName === '(idle)') return undefined;
  if (functionName === '(garbage collector)') return 'garbage collection';
  const room = /\/dist\/(\w+)\/(?:(\w+)\/)?[^/]+$/.exec(url);
  if (room && !url.includes('node_modules')) return room[1] === 'wire' ? `wire/${room[2]}` : room[1];
  const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url);
  if (found) return found[1];
  if (url.startsWith('node:')) return 'Node’s JavaScript';
  return 'native code and system calls';
}
