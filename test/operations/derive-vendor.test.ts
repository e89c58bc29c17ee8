import { describe, expect, it } from 'vitest';
import { familyOf } from '../../src/operations/derive/families.ts';
import { isOurs } from '../../src/operations/derive/ownership.ts';
import { isVendorOperation, VENDOR_OPERATIONS } from '../../src/operations/vendor-operations.ts';
import { vendorOperations } from '../../scripts/vendor/operations.ts';

describe("the vendor's operations", () => {
  it('are 423, each once and in order', () => {
    expect(VENDOR_OPERATIONS).toHaveLength(423);
    expect([...new Set(VENDOR_OPERATIONS)].sort()).toEqual(VENDOR_OPERATIONS);
    for (const name of VENDOR_OPERATIONS) expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
  });

  it('are known by their exact names', () => {
    expect(isVendorOperation('CreateCaster')).toBe(true);
    for (const name of ['createcaster', 'DescribeLiveStreamBlocks', 'constructor', ''])
      expect(isVendorOperation(name)).toBe(false);
  });

  it('are the same in the table of the scripts, which knows their parameters and answers', () => {
    const table = vendorOperations();
    expect([...table.keys()]).toEqual(VENDOR_OPERATIONS);
    expect(table.get('ForbidLiveStream')).toEqual({
      limit: { calls: 20, perSeconds: 1 },
      parameters: [
        { name: 'AppName', type: 'String', required: true },
        { name: 'DomainName', type: 'String', required: true },
        { name: 'LiveStreamType', type: 'String', required: true },
        { name: 'Oneshot', type: 'String', required: false },
        { name: 'RegionId', type: 'String', required: false },
        { name: 'ResumeTime', type: 'String', required: false },
        { name: 'StreamName', type: 'String', required: true },
      ],
      response: {},
    });
    expect(table.get('DescribeLiveStreamsOnlineList')).toMatchObject({
      limit: { calls: 10_000, perSeconds: 60 },
      response: { PageNum: 'Number', OnlineInfo: { LiveStreamOnlineInfo: [{ AppName: 'String' }] } },
    });
  });

  it('belong to families, none of them to no family', () => {
    expect(familyOf('ForbidLiveStream')).toBe('Stream control');
    expect(familyOf('StopLiveStreamMonitor')).toBe('Monitors');
    expect(familyOf('UpdateCasterResourceGroup')).toBe('Casters');
    expect(familyOf('AddLiveStreamWatermark')).toBe('Watermarks');
    expect(VENDOR_OPERATIONS.filter((name) => familyOf(name) === 'Other')).toEqual([]);
  });
});

describe('ownership', () => {
  it('derives from the list for live, and from ours for the other products', () => {
    expect(isOurs({ name: 'ForbidLiveStream', product: 'live' })).toBe(false);
    expect(isOurs({ name: 'DescribeLiveStreamBlocks', product: 'live' })).toBe(true);
    expect(isOurs({ name: 'CreateUser', product: 'ram' })).toBe(false);
    expect(isOurs({ name: 'SimulatePolicy', product: 'ram' })).toBe(true);
    expect(isOurs({ name: 'AssumeRole', product: 'sts' })).toBe(false);
  });
});
