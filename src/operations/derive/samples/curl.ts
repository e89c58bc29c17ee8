import { encodeRfc3986 } from '../../../base/percent-encoding.ts';
import { shellQuoted } from './quoting.ts';
import { sortedParameters } from './sample.ts';
import type { SampleCall, SampleLanguage } from './sample.ts';

/** bash and a V3 signature made by openssl. The parameters are encoded already, because a shell cannot do it well. */
export const curl: SampleLanguage = {
  title: 'curl',
  fence: 'bash',
  file: 'sample.sh',
  needs: 'curl 7.76 or later and openssl',
  run: 'bash sample.sh',
  tested: true,
  write,
};

function write(call: SampleCall): string {
  const query = sortedParameters(call)
    .map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
    .join('&');
  return `#!/usr/bin/env bash
set -euo pipefail

endpoint=\${SLUICE_ENDPOINT:-${shellQuoted(call.endpoint)}}
endpoint=\${endpoint%/}
host=\${endpoint#*://}
# Percent-encoded as RFC 3986 says (a space is %20), in the order of the names.
query=${shellQuoted(query)}

sha256() { openssl dgst -sha256 -r "$@" | cut -d ' ' -f 1; }
hash=$(printf '' | sha256)
date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
nonce=$(openssl rand -hex 16)
token=\${SLUICE_SECURITY_TOKEN:-}

# The headers that are signed, in the order of their names; of the token only when there is one.
headers=(
  "host:$host"
  ${shellQuoted(`x-acs-action:${call.action}`)}
  "x-acs-content-sha256:$hash"
  "x-acs-date:$date"
  \${token:+"x-acs-security-token:$token"}
  "x-acs-signature-nonce:$nonce"
  ${shellQuoted(`x-acs-version:${call.version}`)}
)
names=$(printf '%s\\n' "\${headers[@]%%:*}" | paste -s -d ';')
lines=$(printf '%s\\n' "\${headers[@]}")
canonical=$(printf 'POST\\n/\\n%s\\n%s\\n\\n%s\\n%s' "$query" "$lines" "$names" "$hash")
to_sign=$(printf 'ACS3-HMAC-SHA256\\n%s' "$(printf %s "$canonical" | sha256)")
# openssl takes the secret as an argument, which other users of the machine can see while it runs.
signature=$(printf %s "$to_sign" | sha256 -hmac "$SLUICE_ACCESS_KEY_SECRET")
credential=$SLUICE_ACCESS_KEY_ID

arguments=()
for header in "\${headers[@]}"; do arguments+=(--header "$header"); done
curl --silent --show-error --fail-with-body --max-time 10 --request POST "\${arguments[@]}" \\
  --header "authorization: ACS3-HMAC-SHA256 Credential=$credential,SignedHeaders=$names,Signature=$signature" \\
  "$endpoint/?$query"
echo
`;
}
