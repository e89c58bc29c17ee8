const MIB = 1024 * 1024;

/**
 * What the service may grow by while it is attacked, over what it takes at rest with one stream; peaks of resident
 * memory, in bytes. The loop of media never collects garbage in time on its own, so each has room for buffers that are
 * dead and not collected yet.
 */
export const GROWTH = {
  /**
   * One peer at a time: an admitted publisher may leave 16 MiB of messages unfinished and 8 MiB in the cache of its
   * stream, twice while a buffer grows; code that is compiled meanwhile; garbage.
   */
  onePeer: 96 * MIB,
  /** 2,000 connections that say little: 64 KiB each for socket, session, timer and log line. */
  manySockets: 125 * MIB,
  /** Connections that come and go leave nothing; what 100 at a time take, log lines, garbage. */
  churn: 96 * MIB,
  /**
   * Ten players that take nothing of 20 Mbit/s, by each of three protocols: the queue of 4 MiB and a GOP of 5 MB once for
   * each of two packagings, what each of 30 sockets was given before it blocked, and garbage of a stream that goes on.
   */
  slowPlayers: 96 * MIB,
} as const;

/** What the objects of the service may ever take: the process is started with it as its limit, beyond which it dies. */
export const HEAP_MIB = 192;
