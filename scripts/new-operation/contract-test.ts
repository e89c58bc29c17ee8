import { COMMON_PARAMETERS } from '../../src/operations/common-parameters.ts';
import type { OperationPlan } from './plan.ts';

/** The contract test of an operation in its four blocks. It fails until the handler and the test itself are written. */
export function contractTest({ name, limit, parameters }: OperationPlan): string {
  const required = parameters.filter((one) => one.required && !COMMON_PARAMETERS.has(one.name));
  const resource = parameters.some((one) => one.name === 'DomainName') ? 'domain' : '*';
  return `import { describe, expect, it } from 'vitest';
import { ${name} } from '../../src/operations/${name}.ts';
import type { Api } from '../support/api-harness.ts';
import { ${required.length > 0 ? 'expectCode, ' : ''}itAsksForPermission, itIsLimitedTo } from '../support/operation-blocks.ts';
import { exampleCall } from '../support/operation-examples.ts';
import { eachInARoom } from '../support/rooms.ts';

const action = '${name}';
let api: Api;
eachInARoom((made) => ({ api } = made));

const params = () => exampleCall(${name});

describe('parameters', () => {
${parametersBlock(required.map((one) => one.name))}
});

describe('permission', () => itAsksForPermission({ api: () => api, action, params }, '${resource}'));

describe('limits', () => itIsLimitedTo(action, { calls: ${limit.calls}, perSeconds: ${limit.perSeconds} }));

describe('behaviour', () => {
  it('answers', async () => {
    expect(await api.call(action, params())).toMatchObject({ status: 200 });
  });

  it('does what it is for', () => {
    expect.fail('Call the operation as a user would, and expect what the user sees afterwards.');
  });
});
`;
}

function parametersBlock(required: readonly string[]): string {
  if (required.length === 0)
    return `  it('needs none', async () => {
    expect(await api.call(action, {})).toMatchObject({ status: 200 });
  });`;
  return `  it.each([${required.map((name) => `'${name}'`).join(', ')}])('needs %s', async (name) => {
    const { [name]: _, ...rest } = params();
    await expectCode(api.call(action, rest), 400, \`Missing\${name}\`);
  });`;
}
