/** A number of bytes of memory that several holders share. */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Takes the bytes, or nothing when there are not as many. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  /** Gives bytes back that were taken. */
  give(bytes: number): void {
    this.#left += bytes;
  }
}
