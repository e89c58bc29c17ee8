/** Inputs of one kind that are as dear as that kind can be, and who reads them. */
export interface Family {
  readonly name: string;
  /** About `size` units long. */
  readonly input: (size: number) => Buffer;
  readonly read: (bytes: Buffer) => void;
  /** The bound, which has to hold for every size. */
  readonly perByte: { readonly blocks: number; readonly bytes: number };
}

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
/** The piece as often as it takes to fill `size` bytes, behind a beginning. */
export const filled = (size: number, piece: Buffer, ...before: Buffer[]): Buffer =>
  Buffer.concat([...before, Buffer.alloc(size, piece)]);
