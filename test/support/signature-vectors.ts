import { z } from 'zod';
import { parseRpcRequest, type RpcRequest } from '../../src/wire/rpc/request.ts';
import { verifySignature } from '../../src/wire/rpc/signature.ts';

const vectorShape = z.object({
  name: z.string(),
  credentials: z.object({
    accessKeyId: z.string(),
    accessKeySecret: z.string(),
    /** The token of the session whose secret this is. */
    securityToken: z.string().nullish(),
  }),
  request: z.object({
    method: z.string(),
    target: z.string(),
    headers: z.array(z.tuple([z.string(), z.string()])),
    /** The payload without its chunking, as UTF-8 text. */
    body: z.string(),
  }),
  expect: z.enum(['accept', 'reject', 'bearer', 'anonymous']),
  scheme: z.string().nullish(),
  action: z.string().nullish(),
  version: z.string().nullish(),
  rejectReason: z.string().nullish(),
  stringToSign: z.string().nullish(),
  canonicalRequest: z.string().nullish(),
});

/** One request with the credentials of its caller and the verdict that it must get. */
export type SignatureVector = z.infer<typeof vectorShape>;

const fileShape = z.object({ vectors: z.array(vectorShape).min(1) });

/** What the verifier says to a vector, and why when that is a refusal. */
export interface Judgement {
  readonly got: SignatureVector['expect'];
  readonly code?: string;
  readonly why: string;
}

/** Reads a file of vectors. Throws an Error whose message says in one or a few lines what is wrong with the text. */
export function parseVectors(text: string): SignatureVector[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new Error(`not JSON: ${String(error)}`, { cause: error });
  }
  const result = fileShape.safeParse(content);
  if (!result.success) throw new Error(`not a file of signature vectors:\n${z.prettifyError(result.error)}`);
  return result.data.vectors;
}

/** The request of a vector, parsed. */
export function requestOf({ request }: SignatureVector): RpcRequest {
  return parseRpcRequest({ ...request, body: Buffer.from(request.body, 'utf8') });
}

/** Judges a vector as the gateway would, clock and nonce aside: key, signature, then session token. */
export function judge(vector: SignatureVector): Judgement {
  const request = requestOf(vector);
  if (request.scheme === 'bearer' || request.scheme === 'anonymous') {
    return { got: request.scheme, why: `classified as ${request.scheme}` };
  }
  const { accessKeyId, accessKeySecret, securityToken } = vector.credentials;
  if (request.fault === undefined && request.accessKeyId !== accessKeyId) {
    return rejected('InvalidAccessKeyId.NotFound', 'the request names another access key');
  }
  const verdict = verifySignature(request, accessKeySecret);
  if (!verdict.ok) return rejected(verdict.code, verdict.message);
  return (
    judgeToken(request.securityToken, securityToken ?? undefined) ?? {
      got: 'accept',
      why: 'the signature matches',
    }
  );
}

function judgeToken(presented: string | undefined, expected: string | undefined): Judgement | undefined {
  if (presented === expected) return undefined;
  if (presented === undefined) return rejected('MissingSecurityToken', 'the session has a token');
  if (expected === undefined) return rejected('InvalidSecurityToken.Malformed', 'the key is permanent');
  return rejected('InvalidSecurityToken.MismatchWithAccessKey', 'the token is of another session');
}

function rejected(code: string, why: string): Judgement {
  return { got: 'reject', code, why: `${code}: ${why}` };
}
