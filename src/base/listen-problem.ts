import { messageOf, StartError } from './errors.ts';

/** Where a listener belongs. */
export interface ListenAt {
  readonly host: string;
  readonly port: number;
  /** The names of its options, for the error. */
  readonly options: { readonly host: string; readonly port: string };
}

/** The readable form of a failed listen: what is wrong, the options to look at and what to do. */
export function listenProblem(error: unknown, { host, port, options }: ListenAt): StartError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `${options.host} ${host}, ${options.port} ${port}`;
  if (code === 'EADDRINUSE')
    return new StartError(`port ${port} is in use (${where}): stop what uses it or choose another port`);
  if (code === 'EACCES') return new StartError(`port ${port} may not be opened by this user (${where})`);
  return new StartError(`cannot listen (${where}): ${messageOf(error)}`);
}
