import type { CallContext, Fail } from './operation.ts';

/** Errors of operations about the service itself, which belongs to the root account. */
export const ROOT_ONLY_ERRORS = {
  IllegalOperation: { status: 403, message: 'Only the root account of this installation may call this.' },
} as const;

/** @throws ApiError `IllegalOperation` when the caller is of another account. */
export function requireRootAccount(
  { caller, core }: Pick<CallContext, 'caller' | 'core'>,
  fail: Fail<'IllegalOperation'>,
): void {
  if (caller.accountId !== core.rootAccountId) throw fail('IllegalOperation');
}
