/**
 * Adds an operation to the text of the registry: an import and a line of the list, both where their order wants them.
 * @throws Error when the text is not of the form that it knows
 */
export function addToRegistry(text: string, name: string): string {
  const lines = text.split('\n');
  const list = lines.findIndex((line) => line.includes('OPERATIONS: readonly Operation[] = ['));
  const end = lines.indexOf('];', list);
  if (list === -1 || end === -1)
    throw new Error('the registry has no list OPERATIONS of one operation a line');
  const entry = placeIn(lines, {
    from: list + 1,
    to: end,
    pattern: /^ {2}(\w+),$/,
    before: (other) => name < other,
  });
  lines.splice(entry, 0, `  ${name},`);
  const imported = placeIn(lines, {
    from: 0,
    to: list,
    pattern: /^import \{ (\w+) \} from '\.\/\w+\.ts';$/,
    before: (other) => name.toLowerCase() < other.toLowerCase(),
  });
  lines.splice(imported, 0, `import { ${name} } from './${name}.ts';`);
  return lines.join('\n');
}

interface Search {
  readonly from: number;
  readonly to: number;
  /** What a line of this kind looks like; its first group is the operation's name. */
  readonly pattern: RegExp;
  readonly before: (other: string) => boolean;
}

/** The line before the first that must come later, else after the last of its kind. */
function placeIn(lines: readonly string[], { from, to, pattern, before }: Search): number {
  let place = from;
  for (let index = from; index < to; index++) {
    const other = pattern.exec(lines[index] ?? '')?.[1];
    if (other === undefined) continue;
    if (before(other)) return index;
    place = index + 1;
  }
  return place;
}
