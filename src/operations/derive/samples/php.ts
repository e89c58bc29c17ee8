import { phpQuoted } from './quoting.ts';
import { sortedParameters } from './sample.ts';
import type { SampleCall, SampleLanguage } from './sample.ts';

/** The vendor's PHP client and its request for any operation, signed with V1. */
export const php: SampleLanguage = {
  title: 'PHP',
  fence: 'php',
  file: 'sample.php',
  needs: '`composer require alibabacloud/client`',
  run: 'php sample.php',
  tested: false,
  write,
};

function write(call: SampleCall): string {
  const parameters = sortedParameters(call).map(
    ([name, value]) => `        ${phpQuoted(name)} => ${phpQuoted(value)},\n`,
  );
  return `<?php

require __DIR__ . '/vendor/autoload.php';

use AlibabaCloud\\Client\\AlibabaCloud;

$id = getenv('SLUICE_ACCESS_KEY_ID');
$secret = getenv('SLUICE_ACCESS_KEY_SECRET');
$token = getenv('SLUICE_SECURITY_TOKEN');
$client = $token
    ? AlibabaCloud::stsClient($id, $secret, $token)
    : AlibabaCloud::accessKeyClient($id, $secret);
$client->regionId('cn-shanghai')->asDefaultClient();
$endpoint = parse_url(getenv('SLUICE_ENDPOINT') ?: ${phpQuoted(call.endpoint)});

$result = AlibabaCloud::rpc()
    ->product('Sluice')
    ->scheme($endpoint['scheme'])
    ->host($endpoint['host'] . (isset($endpoint['port']) ? ':' . $endpoint['port'] : ''))
    ->version(${phpQuoted(call.version)})
    ->action(${phpQuoted(call.action)})
    ->method('POST')
    ->options(['query' => [
${parameters.join('')}    ]])
    ->request();
echo json_encode($result->toArray()), PHP_EOL;
`;
}
