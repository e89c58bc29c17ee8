import { listenProblem } from '../base/listen-problem.ts';
import type { ListenAt } from '../base/listen-problem.ts';
import type { FastifyInstance } from 'fastify';

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
