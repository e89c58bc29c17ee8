import type { z } from 'zod';
import type { Core } from '../core/core.ts';
import type { AccessRequest } from '../core/access.ts';
import type { Caller } from '../core/ports.ts';
import type { Principal } from '../core/principals.ts';
import type { ServiceControl } from '../core/service-control.ts';
import { ApiError } from './api-error.ts';
import type { ErrorSpec } from './api-error.ts';
import { decodeParameters, parameterErrors } from './decode.ts';
import type { Product } from './products.ts';

/** A value of an answer; `undefined` is left out. */
export type AnswerValue =
  string | number | boolean | undefined | readonly AnswerValue[] | { readonly [name: string]: AnswerValue };

/** An operation's answer without its RequestId. */
export type Answer = Readonly<Record<string, AnswerValue>>;

/** How often an account may call an operation: `calls` at once, and as many again every `perSeconds`. */
export interface CallLimit {
  readonly calls: number;
  readonly perSeconds: number;
}

/** What RAM policies say about an operation. */
export interface RamSpec {
  /** `<product>:<Operation>`. */
  readonly action: `${Product}:${string}`;
  readonly level: 'create' | 'update' | 'delete' | 'get' | 'list';
  /**
   * `domain`: the domain that the call names, or `*` when it names none. Else a name in which `{account}` stands for the
   * caller's account and `{<Parameter>}` for the value of a parameter, `*` when the call does not have it.
   */
  readonly resource: 'domain' | '*' | `acs:ram:*:{account}:${string}` | '{RoleArn}';
  /** A second thing that the call is about when it has the parameter; both must be allowed. */
  readonly also?: `acs:ram:*:{account}:${string}`;
  /** Whoever signed may call it; policies are not asked. */
  readonly open?: true;
}

/** What a call reached, for the audit trail. */
export type CallEffect = Readonly<Record<string, string | number | boolean>>;

/** Who calls, and the rules to call upon. */
export interface CallContext {
  readonly caller: Caller;
  readonly principal: Principal;
  /** What the call comes from, as conditions of policies see it. */
  readonly origin: Pick<AccessRequest, 'clientAddress' | 'secure' | 'userAgent'>;
  readonly core: Core;
  readonly service: ServiceControl;
  /** Says what the call reached; the audit trail keeps it. The last word counts. */
  readonly reached: (effect: CallEffect) => void;
}

/** Makes the error to throw; a code that the operation does not declare does not compile. */
export type Fail<Code extends string> = (code: Code) => ApiError;

/** The codes that a handler may fail with: its own, and a bad value of each of its parameters. */
export type CodeOf<P, E> = (keyof E & string) | `Invalid${keyof P & string}.Malformed`;

/** What a handler gets. */
export interface HandlerCall<P extends z.ZodRawShape, E> extends CallContext {
  readonly params: z.output<z.ZodObject<P>>;
  readonly fail: Fail<CodeOf<P, E>>;
}

/** The part of a contract that needs no type parameters. */
export interface OperationFacts {
  /** As the API spells it. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** What a caller must know, in Markdown, with what we decided where the vendor's documents are silent. */
  readonly doc: string;
  /** Writing calls are kept in the audit trail for long, and their nonces survive a restart. */
  readonly kind: 'read' | 'write';
  readonly ram: RamSpec;
  readonly limit: CallLimit;
  /** Exists only while the service runs in its test mode. */
  readonly testMode?: true;
  /** Its calls are accepted and what they say is kept, but nothing here acts upon it. Absent: they take effect. */
  readonly coverage?: 'stored-only';
}

/** The contract of one API operation and what it does. */
export interface OperationSpec<
  P extends z.ZodRawShape,
  R extends z.ZodRawShape,
  E extends Readonly<Record<string, ErrorSpec>>,
> extends OperationFacts {
  /** Absent: `live`. */
  readonly product?: Product;
  /** The vendor's names; every value comes as text (see fields.ts). */
  readonly parameters: z.ZodObject<P>;
  readonly response: z.ZodObject<R>;
  readonly errors: E;
  handle(call: HandlerCall<P, E>): ResponseOf<R> | Promise<ResponseOf<R>>;
}

type ResponseOf<R extends z.ZodRawShape> = z.input<z.ZodObject<R>> & Answer;

/** An operation as the gateway and the documents see it. */
export interface Operation extends OperationFacts {
  readonly product: Product;
  readonly parameters: z.ZodObject;
  readonly response: z.ZodObject;
  /** The declared errors and those of the parameters. */
  readonly errors: Readonly<Record<string, ErrorSpec>>;
  /**
   * Reads the parameters; the function that it returns runs the operation.
   * @throws ApiError `Missing<Name>` or `Invalid<Name>.Malformed`.
   */
  prepare(parameters: ReadonlyMap<string, string>): (context: CallContext) => Promise<Answer>;
}

/** Declares an operation. Everything else about it (routing, validation, limits, documents) derives from this. */
export function defineOperation<
  P extends z.ZodRawShape,
  R extends z.ZodRawShape,
  E extends Readonly<Record<string, ErrorSpec>>,
>(spec: OperationSpec<P, R, E>): Operation {
  const errors: Readonly<Record<string, ErrorSpec>> = { ...parameterErrors(spec.parameters), ...spec.errors };
  const fail = (code: string): ApiError => {
    const error = errors[code];
    if (!error) throw new Error(`${spec.name} does not declare ${code}`);
    return new ApiError(code, error);
  };
  return {
    ...spec,
    product: spec.product ?? 'live',
    errors,
    prepare(values) {
      const params = decodeParameters(spec.parameters, values);
      // Written out: spreading the context was 3 % of a reading call.
      return async ({ caller, principal, origin, core, service, reached }) =>
        spec.handle({ caller, principal, origin, core, service, reached, params, fail });
    },
  };
}
