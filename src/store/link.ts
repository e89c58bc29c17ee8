import type { CommandArgs, CommandName, CommandResult } from './commands.ts';

/** The way to what executes the store's commands. */
export interface StoreLink {
  /** Has one command done. @throws StoreUnavailableError when the store cannot. */
  call<N extends CommandName>(name: N, args: CommandArgs<N>): Promise<CommandResult<N>>;
  /** Has everything done that was asked for, then ends. Idempotent. */
  close(): Promise<void>;
}
