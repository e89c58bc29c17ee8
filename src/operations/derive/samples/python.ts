import { doubleQuoted } from './quoting.ts';
import { sortedParameters } from './sample.ts';
import type { SampleCall, SampleLanguage } from './sample.ts';

/** The standard library of Python and a V3 signature made by hand: nothing to install. */
export const python: SampleLanguage = {
  title: 'Python',
  fence: 'python',
  file: 'sample.py',
  run: 'python3 sample.py',
  tested: true,
  write,
};

function write(call: SampleCall): string {
  const parameters = sortedParameters(call).map(
    ([name, value]) => `    ${doubleQuoted(name)}: ${doubleQuoted(value)},\n`,
  );
  return `import datetime
import hashlib
import hmac
import os
import secrets
import sys
import urllib.error
import urllib.parse
import urllib.request

endpoint = os.environ.get("SLUICE_ENDPOINT", ${doubleQuoted(call.endpoint)}).rstrip("/")
parameters = {
${parameters.join('')}}


def encode(text):
    return urllib.parse.quote(text, safe="-_.~")


query = "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(parameters.items()))
now = datetime.datetime.now(datetime.timezone.utc)
headers = {
    "host": urllib.parse.urlsplit(endpoint).netloc,
    "x-acs-action": ${doubleQuoted(call.action)},
    "x-acs-version": ${doubleQuoted(call.version)},
    "x-acs-date": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "x-acs-signature-nonce": secrets.token_hex(16),
    "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
}
token = os.environ.get("SLUICE_SECURITY_TOKEN")
if token:
    headers["x-acs-security-token"] = token

names = ";".join(sorted(headers))
lines = "".join(f"{name}:{headers[name]}\\n" for name in sorted(headers))
canonical = f"POST\\n/\\n{query}\\n{lines}\\n{names}\\n{headers['x-acs-content-sha256']}"
to_sign = f"ACS3-HMAC-SHA256\\n{hashlib.sha256(canonical.encode()).hexdigest()}"
secret = os.environ["SLUICE_ACCESS_KEY_SECRET"].encode()
signature = hmac.new(secret, to_sign.encode(), hashlib.sha256).hexdigest()
credential = os.environ["SLUICE_ACCESS_KEY_ID"]
headers["authorization"] = (
    f"ACS3-HMAC-SHA256 Credential={credential},SignedHeaders={names},Signature={signature}"
)

request = urllib.request.Request(f"{endpoint}/?{query}", data=b"", headers=headers, method="POST")
try:
    with urllib.request.urlopen(request, timeout=10) as answer:
        print(answer.read().decode())
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode())
`;
}
