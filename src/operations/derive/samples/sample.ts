/** The call that a sample makes. */
export interface SampleCall {
  readonly action: string;
  readonly version: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** What the sample calls when `SLUICE_ENDPOINT` is not set. */
  readonly endpoint: string;
}

/**
 * How a call is written in a language. A sample is whole: it reads the key from `SLUICE_ACCESS_KEY_ID`,
 * `SLUICE_ACCESS_KEY_SECRET` and, when there is one, `SLUICE_SECURITY_TOKEN`, and prints the answer.
 */
export interface SampleLanguage {
  /** As the documents call it. */
  readonly title: string;
  /** The language's name in Markdown. */
  readonly fence: string;
  /** The name of the file that the sample is to be saved as. */
  readonly file: string;
  /** What has to be there besides the language, in Markdown; absent: nothing. */
  readonly needs?: string;
  readonly run: string;
  /** Whether our tests run the sample against a service. */
  readonly tested: boolean;
  /** The text of the sample, whatever characters the values are of; a lone surrogate becomes U+FFFD. */
  readonly write: (call: SampleCall) => string;
}

/** Where a service is when nothing was said about it. */
export const DEFAULT_ENDPOINT = 'http://127.0.0.1:8080';

/** The parameters in the order of their names. */
export function sortedParameters({ parameters }: SampleCall): [name: string, value: string][] {
  return Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1));
}
