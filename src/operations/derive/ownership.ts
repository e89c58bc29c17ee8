import { isVendorOperation } from '../vendor-operations.ts';
import type { Operation } from '../operation.ts';

/** The operations of the other products that the vendor does not have. */
const OURS: ReadonlySet<string> = new Set(['SimulatePolicy']);

/** Whether an operation is ours: the vendor's product has none of this name. */
export function isOurs({ name, product }: Pick<Operation, 'name' | 'product'>): boolean {
  return product === 'live' ? !isVendorOperation(name) : OURS.has(name);
}
