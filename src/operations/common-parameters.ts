/** What clients of the vendor may send with every call; it is taken and ignored. */
export const COMMON_PARAMETERS: ReadonlySet<string> = new Set([
  'RegionId',
  'OwnerId',
  'OwnerAccount',
  'ResourceOwnerAccount',
  'ResourceOwnerId',
  'SecurityToken',
  'ClientToken',
]);
