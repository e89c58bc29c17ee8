import { Option } from 'commander';
import type { Command } from 'commander';
import { loadConfig } from '../app/config.ts';
import type { Config } from '../app/config.ts';
import { environmentOf, flagOf, PLAIN_OPTIONS } from '../app/options.ts';
import type { CliIo } from './io.ts';

const FILE_FLAG = '--config <file>';

/** Adds `--config` and a flag for each of the named options (all that are no secrets, when none is named). */
export function addConfigFlags(
  command: Command,
  names: readonly string[] = Object.keys(PLAIN_OPTIONS),
): void {
  command.option(FILE_FLAG, 'YAML file with options (SLUICE_CONFIG)');
  for (const name of names) {
    const described = (PLAIN_OPTIONS as Record<string, { doc: string; form: string; fallback: unknown }>)[
      name
    ];
    const flag = flagOf(name);
    if (!described || flag === undefined) continue;
    const isToggle = typeof described.fallback === 'boolean';
    const option = new Option(
      `--${flag} ${isToggle ? '[true|false]' : '<value>'}`,
      `${described.doc} (${environmentOf(name)}${defaultOf(described.fallback)})`,
    );
    if (isToggle) option.preset('true');
    command.addOption(option);
  }
}

/** Reads the configuration that a command was given. @throws StartError */
export function configOf(command: Command, io: CliIo): Config {
  const given = command.opts<Record<string, string | undefined>>();
  const flags: Record<string, string> = {};
  for (const name of Object.keys(PLAIN_OPTIONS)) {
    const value = given[attributeOf(name)];
    if (value !== undefined) flags[name] = value;
  }
  return loadConfig({ flags, env: io.env, file: given['config'] });
}

/** Lists and maps are empty by default, and what is not set says so in its text. */
function defaultOf(fallback: unknown): string {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof fallback);
  return isPlain ? `; default ${String(fallback)}` : '';
}

/** The name under which commander keeps the value of an option's flag. */
function attributeOf(name: string): string {
  return new Option(`--${flagOf(name) ?? name}`).attributeName();
}
