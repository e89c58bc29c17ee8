import { shellQuoted } from './quoting.ts';
import { DEFAULT_ENDPOINT, sortedParameters } from './sample.ts';
import type { SampleCall, SampleLanguage } from './sample.ts';

/** Our own command line. */
export const sluiceCall: SampleLanguage = {
  title: 'sluice call',
  fence: 'bash',
  file: 'sample.sh',
  needs: 'the `sluice` command on the path',
  run: 'bash sample.sh',
  tested: true,
  write,
};

function write(call: SampleCall): string {
  const named = sortedParameters(call).map(([name, value]) => `--${name}=${shellQuoted(value)}`);
  const endpoint =
    call.endpoint === DEFAULT_ENDPOINT
      ? ''
      : `export SLUICE_ENDPOINT=\${SLUICE_ENDPOINT:-${shellQuoted(call.endpoint)}}\n`;
  return `${endpoint}${['sluice call', call.action, ...named].join(' ')}\n`;
}
