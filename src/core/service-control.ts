import type { LogLevel, LogRoom } from '../base/logger.ts';

/** How the service itself is. Times are epoch milliseconds. */
export interface ServiceStatus {
  readonly version: string;
  readonly nodeVersion: string;
  readonly startedAt: number;
  readonly testMode: boolean;
  /** The state of each part by name: `ok`, or what is wrong. */
  readonly checks: Readonly<Record<string, string>>;
  /** Milliseconds since the change feed was last read. */
  readonly feedStalenessMs: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly certificates: readonly ServiceCertificate[];
  readonly logLevels: Readonly<Record<LogRoom, LogLevel>>;
}

/** A certificate that a listener shows. */
export interface ServiceCertificate {
  readonly listener: string;
  readonly subject: string;
  readonly issuer: string;
  readonly notAfter: number;
}

/** What operators may ask and change of the service itself. */
export interface ServiceControl {
  status(): Promise<ServiceStatus>;
  /** Sets the log level of a room, or of all (`*`), until the service ends. */
  setLogLevel(room: LogRoom | '*', level: LogLevel): void;
}
