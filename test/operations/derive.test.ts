import { mkdir, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pageFacts } from '../../scripts/derive/api.ts';
import { leftovers } from '../../scripts/derive/leftovers.ts';
import { COMMON_ERRORS } from '../../src/gateway/errors.ts';
import { exampleOf, fieldsOf } from '../../src/operations/derive/describe.ts';
import { fenced, table } from '../../src/operations/derive/markdown.ts';
import { operationPlace } from '../../src/operations/derive/page-places.ts';
import { apiPages } from '../../src/operations/derive/pages.ts';
import { choice, count, text, wrappedList } from '../../src/operations/fields.ts';
import { defineOperation } from '../../src/operations/operation.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { OPERATIONS } from '../../src/operations/registry.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = join(import.meta.dirname, '../..');
const shape = {
  Kind: choice(['a', 'b'], { description: 'A kind.', example: 'a' }).default('b'),
  Items: wrappedList('Item', z.object({ Size: count({ description: 'A size.', example: '7' }).optional() })),
};

describe('describe', () => {
  it('opens lists and objects', () => {
    expect(fieldsOf(shape)).toEqual([
      {
        name: 'Kind',
        type: '`a`, `b`',
        required: false,
        standard: 'b',
        description: 'A kind.',
        example: 'a',
      },
      {
        name: 'Items.Item[].Size',
        type: 'Integer',
        required: false,
        standard: undefined,
        description: 'A size.',
        example: '7',
      },
    ]);
  });

  it('makes an example of the examples', () => {
    expect(exampleOf(shape)).toEqual({ Kind: 'a', Items: { Item: [{ Size: 7 }] } });
  });

  it('refuses a field that is not documented', () => {
    expect(() => fieldsOf({ Name: text({ description: '', example: '' }), Bare: z.string() })).toThrow(
      'Bare is not documented',
    );
  });
});

describe('Markdown', () => {
  it('keeps cells and fences together, whatever is in them', () => {
    expect(table(['A'], [['x | y']])).toBe('| A |\n| --- |\n| x \\| y |');
    expect(fenced('md', '```js\n1\n```')).toBe('````md\n```js\n1\n```\n````');
  });
});

describe('the reference of the API', () => {
  const pages = apiPages(OPERATIONS, pageFacts());

  it.each(pages)('$file is up to date', async ({ file, text: wanted }) => {
    const path = join(root, file);
    const formatted = await format(wanted, { ...(await resolveConfig(path)), filepath: path });
    expect(readFileSync(path, 'utf8')).toBe(formatted);
  });

  it('has nothing else in its folder', async () => {
    expect(await leftovers(root, pages)).toEqual([]);
  });

  it('has an anchor for every code that an answer can recommend', () => {
    const errors = pages.find(({ file }) => file.endsWith('errors.md'))!.text;
    const codes = [
      ...Object.keys(COMMON_ERRORS),
      ...OPERATIONS.flatMap((operation) => Object.keys(operation.errors)),
    ];
    for (const code of codes) expect(errors.split(`## ${code}\n`), code).toHaveLength(2);
  });

  it('has every operation in the index, among the RAM actions, and in the coverage', () => {
    for (const file of ['docs/4-api/README.md', 'docs/4-api/ram-actions.md', 'COVERAGE.md']) {
      const { text: page } = pages.find((one) => one.file === file)!;
      for (const { name } of OPERATIONS) expect(page).toContain(`[${name}](`);
    }
  });
});

describe('the pages of an operation', () => {
  const pageOf = (file: string, operations: readonly Operation[]) =>
    apiPages(operations, pageFacts()).find((page) => page.file === file)!.text;
  const define = (facts: object, name = 'SetLiveStreamBlock') =>
    defineOperation({
      name,
      summary: 'Test.',
      doc: 'A test.',
      kind: 'write',
      ram: { action: `live:${name}`, level: 'update', resource: '{RoleArn}' },
      limit: { calls: 1, perSeconds: 60 },
      parameters: z.object({ DomainName: text({ description: 'A domain.', example: 'a & b' }) }),
      response: z.object(shape),
      errors: {
        ServiceUnavailable: { status: 503, message: 'Done, but not kept.' },
        Strange: { status: 409, message: 'Strange.', neverHere: 'Nothing is strange here.' },
      },
      handle: () => ({ Items: { Item: [] } }),
      ...facts,
    });

  it('say what is declared, also what cannot occur', () => {
    const page = pageOf('docs/4-api/SetLiveStreamBlock.md', [define({})]);
    expect(page).toContain('resource `{RoleArn}`');
    expect(page).toContain('1 call per 60 seconds');
    expect(page).toContain('| Strange | 409 | Strange. *Cannot occur here:* Nothing is strange here. |');
    expect(page).toContain('| Items.Item[].Size | Integer | A size. Not always there. |');
    expect(page).toContain('POST /?DomainName=a%20%26%20b HTTP/1.1');
    expect(page).toContain('  <Items>\n    <Item>\n      <Size>7</Size>\n    </Item>\n  </Items>\n');
    expect(page).not.toContain('ours');
  });

  it('are in the folder of the product, with links that fit', () => {
    const made = define({ product: 'ram' }, 'SimulatePolicy');
    expect(operationPlace(made)).toBe('docs/4-api/ram/SimulatePolicy.md');
    const page = pageOf('docs/4-api/ram/SimulatePolicy.md', [made]);
    expect(page).toContain('version `2015-05-01`; ours');
    expect(page).toContain('[common errors](../errors.md)');
    expect(page).toContain('[samples](../samples/SimulatePolicy.md)');
    expect(pageOf('docs/4-api/samples/SimulatePolicy.md', [made])).toContain(
      '[reference](../ram/SimulatePolicy.md)',
    );
  });

  it('list an own message of a common error with the operations that have it', () => {
    const errors = pageOf('docs/4-api/errors.md', [define({})]);
    const section = /## ServiceUnavailable\n\n([^#]*)/.exec(errors)![1];
    expect(section).toBe(
      `503: ${COMMON_ERRORS.ServiceUnavailable.message}\n\n` +
        '503: Done, but not kept.\n\nOf [SetLiveStreamBlock](SetLiveStreamBlock.md).\n\n',
    );
  });

  it('say where no policy is asked', () => {
    const free = define(
      { ram: { action: 'sts:GetThing', level: 'get', resource: '*', open: true } },
      'GetThing',
    );
    expect(pageOf('docs/4-api/GetThing.md', [free])).toContain('- RAM: no policy is asked');
    const actions = pageOf('docs/4-api/ram-actions.md', [define({}), free]);
    expect(actions).not.toContain('sts:GetThing');
    expect(actions).toContain('No policy is asked for [GetThing](GetThing.md)');
  });

  it('keep operations of the test mode apart', () => {
    const index = pageOf('docs/4-api/README.md', [define({}), define({ testMode: true }, 'SetTestClock')]);
    const [usual, testing] = index.split('## Test mode');
    expect(usual).not.toContain('SetTestClock');
    expect(testing).toContain('SetTestClock');
  });

  it('count in the coverage what works, what is only stored, and what is ignored', () => {
    const row = '[SetLiveStreamBlock](docs/4-api/SetLiveStreamBlock.md)';
    const ignored = 'AppName, BlockType, LocationList, ReleaseTime, StreamName';
    const works = pageOf('COVERAGE.md', [define({})]);
    expect(works).toContain('| **All** | 423 | 1 | 0 | 422 |');
    expect(works).toContain(`| Stream control | ${row} | works | ${ignored} |`);
    expect(works).toContain('| Casters | CreateCaster | not here |  |');
    const stored = pageOf('COVERAGE.md', [define({ coverage: 'stored-only' })]);
    expect(stored).toContain('| **All** | 423 | 0 | 1 | 422 |');
    expect(stored).toContain(`| Stream control | ${row} | stored only |`);
  });
});

describe('leftovers', () => {
  it('are the files of derived folders that nothing derives', async () => {
    await using scratch = await temporaryFolder();
    const files = ['docs/4-api/Kept.md', 'docs/4-api/Gone.md', 'docs/4-api/ram/Gone.md', 'docs/other.md'];
    for (const file of files) {
      await mkdir(dirname(join(scratch.path, file)), { recursive: true });
      await writeFile(join(scratch.path, file), '');
    }
    const found = await leftovers(scratch.path, [{ file: 'docs/4-api/Kept.md', text: '' }]);
    expect(found.sort()).toEqual(['docs/4-api/Gone.md', 'docs/4-api/ram/Gone.md']);
  });
});
