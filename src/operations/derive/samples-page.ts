import type { Operation } from '../operation.ts';
import { API_VERSIONS } from '../products.ts';
import { exampleParameters } from './example-request.ts';
import { fenced, link, NOTE } from './markdown.ts';
import type { Page } from './markdown.ts';
import { operationPlace, samplesPlace } from './page-places.ts';
import { SAMPLE_LANGUAGES } from './samples/languages.ts';
import { DEFAULT_ENDPOINT } from './samples/sample.ts';
import type { SampleCall, SampleLanguage } from './samples/sample.ts';

/** An operation's call as a program in every language. */
export function samplesPage(operation: Operation): Page {
  const file = samplesPlace(operation);
  const call: SampleCall = {
    action: operation.name,
    version: API_VERSIONS[operation.product],
    parameters: exampleParameters(operation),
    endpoint: DEFAULT_ENDPOINT,
  };
  const text = `${NOTE}

# ${operation.name} as a program

What the call takes and answers is in its ${link('reference', file, operationPlace(operation))}. The key comes from \`SLUICE_ACCESS_KEY_ID\` and
\`SLUICE_ACCESS_KEY_SECRET\`, the token of a session from \`SLUICE_SECURITY_TOKEN\`, the address of the service from
\`SLUICE_ENDPOINT\`.

${SAMPLE_LANGUAGES.map((language) => section(language, call)).join('\n\n')}
`;
  return { file, text };
}

function section(
  { title, fence, file, needs, run, tested, write }: SampleLanguage,
  call: SampleCall,
): string {
  const proof = tested
    ? 'Programs of this form are executed by our tests.'
    : '*Not run here*: our tests only hold its text to a file that was read over.';
  return `## ${title}

${needs === undefined ? '' : `Needs ${needs}. `}Save as \`${file}\` and run \`${run}\`. ${proof}

${fenced(fence, write(call))}`;
}
