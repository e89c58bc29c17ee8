import { messageOf, StartError } from '../base/errors.ts';
import type { FastifyInstance } from 'fastify';

/** Where a listener belongs; `option` is the prefix of its options, for the error. */
export interface ListenAt {
  readonly option: string;
  readonly host: string;
  readonly port: number;
}

/** Opens a listener; gives the port that it has. @throws StartError when the address cannot be had. */
export async function listen(app: FastifyInstance, at: ListenAt): Promise<number> {
  try {
    await app.listen({ host: at.host, port: at.port });
  } catch (error) {
    throw listenProblem(error, at);
  }
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : at.port;
}

/** The readable form of a failed listen. */
function listenProblem(error: unknown, { option, host, port }: ListenAt): StartError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = `${option}.host ${host}, ${option}.port ${port}`;
  if (code === 'EADDRINUSE')
    return new StartError(`port ${port} is in use (${where}): stop what uses it or choose another port`);
  if (code === 'EACCES') return new StartError(`port ${port} may not be opened by this user (${where})`);
  return new StartError(`cannot listen (${where}): ${messageOf(error)}`);
}
