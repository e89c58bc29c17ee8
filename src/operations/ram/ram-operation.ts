import type { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { ErrorSpec } from '../api-error.ts';
import { defineOperation } from '../operation.ts';
import type { HandlerCall, Operation, OperationSpec, RamSpec } from '../operation.ts';
import { WRITE_ERRORS } from '../write-errors.ts';
import { codeOf } from './ram-errors.ts';

type RamOperationSpec<
  P extends z.ZodRawShape,
  R extends z.ZodRawShape,
  E extends Readonly<Record<string, ErrorSpec>>,
> = Omit<OperationSpec<P, R, E>, 'product' | 'ram'> & { readonly ram: Omit<RamSpec, 'action'> };

/** Declares an operation of RAM. A rule of core that refuses becomes the declared error of that name. */
export function defineRamOperation<
  P extends z.ZodRawShape,
  R extends z.ZodRawShape,
  E extends Readonly<Record<string, ErrorSpec>>,
>(spec: RamOperationSpec<P, R, E>): Operation {
  const errors: E = { ...spec.errors, ...(spec.kind === 'write' ? WRITE_ERRORS : {}) };
  const action = `ram:${spec.name}` as const;
  return defineOperation<P, R, E>({
    ...spec,
    product: 'ram',
    ram: { ...spec.ram, action },
    errors,
    handle: (call: HandlerCall<P, E>) => translating(() => spec.handle(call), errors),
  });
}

async function translating<T>(
  work: () => T | Promise<T>,
  errors: Readonly<Record<string, ErrorSpec>>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translated(error, errors);
  }
}

/** What is not declared stays a fault: a rule that an operation forgot must not look like an answer. */
function translated(error: unknown, errors: Readonly<Record<string, ErrorSpec>>): unknown {
  const named = codeOf(error);
  const spec = named && errors[named.code];
  if (!named || !spec) return error;
  const message = named.detail === undefined ? spec.message : `${spec.message} ${named.detail}`;
  return new ApiError(named.code, { ...spec, message });
}
