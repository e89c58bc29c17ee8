import { stringify } from 'yaml';
import type { Option } from '../../src/app/option-kinds.ts';
import { environmentOf, flagOf, OPTIONS, PLAIN_OPTIONS, SECRET_OPTIONS } from '../../src/app/options.ts';
import type { DerivedFile } from './derived-file.ts';

const NOTE = 'Made from src/app/options.ts by `npm run derive`; do not edit.';

/** The configuration page of the docs and the sample file. */
export function configurationFiles(): DerivedFile[] {
  return [
    { file: 'docs/3-operate/configuration.md', text: page() },
    { file: 'sluice.sample.yaml', text: sample() },
  ];
}

function page(): string {
  return `<!-- ${NOTE} -->

# Configuration

Every option can be given as a flag of \`sluice serve\`, as an environment variable, or in a YAML file
(\`--config sluice.yaml\` or \`SLUICE_CONFIG\`). A flag wins over the environment, the environment over the file, the
file over the default. An unknown key or a bad value keeps the service from starting, with one line that names the
option, where the value came from, and what is allowed. An empty environment variable counts as not set. A variable \`SLUICE_*\` that is
none of ours is only warned of in the log, because container platforms set such variables themselves. Relative paths
start at the working directory.

[sluice.sample.yaml](../../sluice.sample.yaml) is a file with every option in it.

## Options

${entries(PLAIN_OPTIONS)}

## Secrets

Secrets have no flag, because command lines are visible to every user of a machine. They are never logged. A file that
holds one should be open to the service's user only; a start warns when it is not.

${entries(SECRET_OPTIONS)}
`;
}

function entries(table: Record<string, Option<unknown>>): string {
  return Object.entries(table)
    .map(([name, option]) => entry(name, option))
    .join('\n');
}

function entry(name: string, option: Option<unknown>): string {
  const flag = flagOf(name);
  const places = [...(flag ? [`\`--${flag}\``] : []), `\`${environmentOf(name)}\``].join(', ');
  const fallback = isEmpty(option.fallback) ? 'not set' : `\`${String(option.fallback)}\``;
  return `### ${name}

${option.doc}

- Set with: ${places}
- Value: ${option.form}
- Default: ${fallback}
`;
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** The options as a file: defaults are written out, what has no default is shown as a commented example. */
function sample(): string {
  const entries = Object.entries(OPTIONS).map(([name, option]) => ({ path: name.split('.'), option }));
  return `# ${NOTE}\n# A sample configuration: sluice serve --config sluice.sample.yaml\n\n${mapping(entries).join('\n\n')}\n`;
}

interface Entry {
  /** What is left of the option's name below its mapping. */
  readonly path: readonly string[];
  readonly option: Option<unknown>;
}

/** The parts of a mapping: its options, and the mappings below it. */
function mapping(entries: readonly Entry[]): string[] {
  const groups = new Map<string, Entry[]>();
  for (const { path, option } of entries) {
    const [key = '', ...rest] = path;
    groups.set(key, [...(groups.get(key) ?? []), { path: rest, option }]);
  }
  return [...groups].map(([key, group]) => {
    const [first] = group;
    if (first?.path.length === 0) return line(key, first.option);
    return `${key}:\n${indent(mapping(group).join('\n'))}`;
  });
}

function line(key: string, option: Option<unknown>): string {
  const doc = wrap(option.doc).map((text) => `# ${text}`);
  const shown = isEmpty(option.fallback) ? option.example : option.fallback;
  const value = shown === undefined ? `${key}:` : stringify({ [key]: shown }, { lineWidth: 0 }).trimEnd();
  const lines = isEmpty(option.fallback) ? value.split('\n').map((text) => `# ${text}`) : value.split('\n');
  return [...doc, ...lines].join('\n');
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 100) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
