import type { Operation } from '../operation.ts';

const FOLDER = 'docs/4-api';

/** Where the pages are, relative to the repository. */
export const PLACES = {
  coverage: 'COVERAGE.md',
  errors: `${FOLDER}/errors.md`,
  index: `${FOLDER}/README.md`,
  ramActions: `${FOLDER}/ram-actions.md`,
} as const;

/** The page of an operation: those of live are in the folder itself, those of another product in one of its name. */
export function operationPlace({ name, product }: Pick<Operation, 'name' | 'product'>): string {
  return product === 'live' ? `${FOLDER}/${name}.md` : `${FOLDER}/${product}/${name}.md`;
}

/** The page of an operation's samples. */
export function samplesPlace({ name }: Pick<Operation, 'name'>): string {
  return `${FOLDER}/samples/${name}.md`;
}
