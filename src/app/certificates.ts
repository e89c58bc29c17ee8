import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import type { Certificate } from '../base/tls.ts';
import { loadCertificate } from './certificate.ts';
import type { CertificateFacts, CertificateFiles, LoadedCertificate } from './certificate.ts';
import { exposureOf } from './files.ts';

/** Milliseconds between two looks at the files. */
const LOOK_MS = 60_000;
const DAY_MS = 86_400_000;
/** How long before its end a certificate is warned of. */
const WARN_MS = 14 * DAY_MS;

interface Watched {
  readonly files: CertificateFiles;
  /** What the listener was made with. */
  readonly opened: LoadedCertificate;
  current: LoadedCertificate;
  /** Gives a new certificate to the listener. */
  renew: (certificate: Certificate) => void;
  /** What was wrong at the last look; it is logged once. */
  problem: string | undefined;
}

/**
 * The certificates of a service. Looks at their files every minute and when told to, and gives a new certificate to its
 * listener; one that cannot be used leaves the old one in force. Warns once a day of those that end within 14 days.
 */
export class Certificates {
  readonly #watched: Watched[] = [];
  readonly #clock: Clock;
  readonly #log: Logger;
  #timers: Timer[] = [];
  #looking: Promise<void> = Promise.resolve();
  /** Looks that have not ended. */
  #looks = 0;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Reads a certificate and watches it from now on; undefined when there are no files.
   * @throws StartError naming the option when it cannot be used
   */
  async open(files: CertificateFiles | undefined): Promise<Certificate | undefined> {
    if (!files) return undefined;
    const current = await loadCertificate(files);
    this.#watched.push({ files, opened: current, current, renew: () => undefined, problem: undefined });
    const exposure = exposureOf(files.key);
    if (exposure !== undefined) this.#log.warn(exposure);
    this.#warnOfEnd(current);
    if (this.#timers.length === 0) this.#startTimers();
    return current;
  }

  /** Says how a listener takes its new certificate. */
  onRenewal(door: CertificateFiles['door'], renew: Watched['renew']): void {
    for (const watched of this.#watched) {
      if (watched.files.door !== door) continue;
      watched.renew = renew;
      // It may have been renewed since the listener was made.
      if (watched.current !== watched.opened) renew(watched.current);
    }
  }

  /** Looks at the files now, and tells what is wrong once more. Resolves when what they hold is in force; never rejects. */
  reload(): Promise<void> {
    for (const watched of this.#watched) watched.problem = undefined;
    return this.#lookAtAll();
  }

  /** What the certificates in force say of themselves. */
  facts(): readonly CertificateFacts[] {
    return this.#watched.map(({ current }) => current.facts);
  }

  /** Looks no more. Resolves when a look that is under way has ended. */
  close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    return this.#looking;
  }

  #startTimers(): void {
    this.#timers = [
      // Not while a file system that hangs still keeps the last look.
      this.#clock.every(LOOK_MS, () => void (this.#looks > 0 || this.#lookAtAll())),
      this.#clock.every(DAY_MS, () => this.#watched.forEach(({ current }) => this.#warnOfEnd(current))),
    ];
  }

  /** One look after the other, so that the files' last state wins. */
  #lookAtAll(): Promise<void> {
    this.#looks += 1;
    this.#looking = this.#looking.then(async () => {
      for (const watched of this.#watched) await this.#look(watched);
      this.#looks -= 1;
    });
    return this.#looking;
  }

  async #look(watched: Watched): Promise<void> {
    const { files, current } = watched;
    try {
      const found = await loadCertificate(files);
      watched.problem = undefined;
      if (found.cert.equals(current.cert) && found.key.equals(current.key)) return;
      watched.renew(found);
      watched.current = found;
      this.#log.info(shown(found.facts), 'certificate renewed');
      this.#warnOfEnd(found);
    } catch (error) {
      const problem = messageOf(error);
      if (problem === watched.problem) return;
      watched.problem = problem;
      this.#log.error(
        { ...shown(current.facts), problem },
        'the certificate that is there now cannot be used; the old one stays in force',
      );
    }
  }

  #warnOfEnd({ facts }: LoadedCertificate): void {
    const left = facts.notAfter - this.#clock.now();
    if (left > WARN_MS) return;
    const days = Math.max(0, Math.floor(left / DAY_MS));
    this.#log.warn(
      shown(facts),
      left <= 0 ? 'the certificate has expired' : `the certificate expires in ${days} days`,
    );
  }
}

/** Facts as the log has them. */
function shown({ notAfter, ...facts }: CertificateFacts): object {
  return { ...facts, notAfter: formatTimestamp(notAfter) };
}
