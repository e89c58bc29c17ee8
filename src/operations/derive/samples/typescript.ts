import { doubleQuoted } from './quoting.ts';
import { sortedParameters } from './sample.ts';
import type { SampleCall, SampleLanguage } from './sample.ts';

/** The vendor's current client core, which signs with V3. */
export const typescript: SampleLanguage = {
  title: 'TypeScript',
  fence: 'ts',
  file: 'sample.mts',
  needs: '`npm i @alicloud/openapi-client @alicloud/tea-util tsx`',
  run: 'npx tsx sample.mts',
  tested: true,
  write,
};

function write(call: SampleCall): string {
  const query = sortedParameters(call).map(
    ([name, value]) => `  ${doubleQuoted(name)}: ${doubleQuoted(value)},\n`,
  );
  return `import OpenApi from '@alicloud/openapi-client';
import TeaUtil from '@alicloud/tea-util';

const endpoint = new URL(process.env['SLUICE_ENDPOINT'] ?? ${doubleQuoted(call.endpoint)});
const protocol = endpoint.protocol === 'https:' ? 'HTTPS' : 'HTTP';
const client = new OpenApi.default(
  new OpenApi.Config({
    accessKeyId: process.env['SLUICE_ACCESS_KEY_ID'],
    accessKeySecret: process.env['SLUICE_ACCESS_KEY_SECRET'],
    securityToken: process.env['SLUICE_SECURITY_TOKEN'],
    endpoint: endpoint.host,
    protocol,
  }),
);

const query = {
${query.join('')}};
const params = new OpenApi.Params({
  action: ${doubleQuoted(call.action)},
  version: ${doubleQuoted(call.version)},
  protocol,
  pathname: '/',
  method: 'POST',
  authType: 'AK',
  style: 'RPC',
  reqBodyType: 'formData',
  bodyType: 'json',
});
const request = new OpenApi.OpenApiRequest({ query });
const { body } = await client.callApi(params, request, new TeaUtil.RuntimeOptions({}));
console.log(JSON.stringify(body));
`;
}
