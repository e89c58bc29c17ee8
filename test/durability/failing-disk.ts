import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A disk whose every fsync fails, for one process. */
export interface FailingDisk {
  /** The disk is well again. */
  heal(): Promise<void>;
}

/**
 * From now on every fsync and fdatasync of a process fails with EIO, by strace. Gives the reason when the system does
 * not let one process trace another (a container without SYS_PTRACE, yama).
 */
export async function failFsync(pid: number, strace: string): Promise<FailingDisk | { reason: string }> {
  const trace = ['-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO'];
  const child = spawn(strace, ['-f', ...trace, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  let said = '';
  const attached = new Promise<boolean>((resolve) => {
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (/Process \d+ attached/.test(said)) resolve(true);
    });
    void ended.then(() => resolve(false));
  });
  if (!(await attached)) return { reason: `strace may not trace the service here: ${said.trim()}` };
  return {
    heal: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}
