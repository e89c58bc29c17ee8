/** A file that is made from the code; `file` is relative to the repository. */
export interface DerivedFile {
  readonly file: string;
  readonly text: string;
}
