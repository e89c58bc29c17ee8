import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { hasNginx } from './processes.ts';

/** What the figures were taken on, in one line. */
export function machineLine(rounds: number): string {
  const model = cpus()[0]?.model.trim() ?? 'an unknown processor';
  const nginx = hasNginx()
    ? /nginx\/(\S+)/.exec(spawnSync('/usr/sbin/nginx', ['-v']).stderr.toString())
    : null;
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const parts = [
    `${cpus().length} cores of ${model}`,
    memory,
    `${type()} ${release()}`,
    `Node ${process.versions.node}`,
    ...(nginx ? [`nginx ${nginx[1]}`] : []),
    `${rounds} rounds after a warm-up`,
    new Date().toISOString().slice(0, 10),
  ];
  return parts.join(', ');
}
