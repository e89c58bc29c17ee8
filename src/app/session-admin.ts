import { systemClock } from '../base/clock.ts';
import { StartError } from '../base/errors.ts';
import { formatTimestamp } from '../base/timestamp.ts';
import type { Store } from '../core/ports.ts';
import { AssumeRoleError, openSession, SESSION_NAME, SESSION_SECONDS } from '../core/ram/assume-role.ts';
import type { SessionRequest } from '../core/ram/assume-role.ts';
import { accountNamed, readAccounts } from './account-store.ts';
import { recordCommand } from './command-line-record.ts';
import type { Config } from './config.ts';
import { readIfPresent } from './data-folder.ts';
import { duration } from './option-kinds.ts';
import type { CallerKey } from './root-key.ts';
import { withStore } from './with-store.ts';

/** What a session is asked to be, as the command line has it. */
export interface SessionWish {
  readonly role: string;
  /** Absent: the root account. */
  readonly account?: string;
  /** Tells sessions of the role apart. */
  readonly name: string;
  /** `15m`, `1h`. */
  readonly duration: string;
  /** File with the policy that narrows the session. */
  readonly policy?: string;
}

/** A session's key and when it ends (`yyyy-MM-ddTHH:mm:ssZ`); as JSON it is a key file for `sluice call`. */
export interface SessionKey extends Required<CallerKey> {
  readonly expiration: string;
}

/**
 * Opens a session of a role on the machine of its store. The trust policy is not asked: whoever reads the master key can
 * open what it seals.
 * @throws StartError, one line that says what is wrong
 */
export async function makeSession(config: Config, wish: SessionWish): Promise<SessionKey> {
  const request = { sessionName: nameOf(wish), seconds: secondsOf(wish), policy: await policyOf(wish) };
  return withStore(config, (store) => sessionOf(store, wish, request));
}

async function sessionOf(store: Store, wish: SessionWish, request: SessionRequest): Promise<SessionKey> {
  const accounts = await readAccounts(store);
  const accountId = accountNamed(accounts, wish.account);
  const role = accounts.directory.view(accountId).roles.get(wish.role);
  if (!role)
    throw new StartError(
      `account ${accountId} has no role ${wish.role}: make it with sluice call CreateRole --RoleName ${wish.role}`,
    );
  try {
    const from = { clock: systemClock, sessions: store.sessions };
    const { accessKeyId, secret: accessKeySecret, token, expiresAt } = openSession(role, request, from);
    const target = `role/${role.name}:${request.sessionName}`;
    const effect = { AccessKeyId: accessKeyId, Expiration: formatTimestamp(expiresAt) };
    recordCommand(store, { accountId, action: 'sluice keys session', target, effect });
    return { accessKeyId, accessKeySecret, securityToken: token, expiration: formatTimestamp(expiresAt) };
  } catch (error) {
    throw error instanceof AssumeRoleError ? new StartError(explain(error, wish)) : error;
  }
}

function nameOf({ name }: SessionWish): string {
  if (SESSION_NAME.test(name)) return name;
  throw new StartError(`--name must be 2 to 64 of A-Z a-z 0-9 . @ - _, not ${JSON.stringify(name)}`);
}

function secondsOf(wish: SessionWish): number {
  const read = duration('1h', { doc: '' }).schema.safeParse(wish.duration);
  const seconds = read.success && read.data !== null ? read.data / 1000 : 0;
  if (seconds >= SESSION_SECONDS.min && seconds <= SESSION_SECONDS.max) return seconds;
  throw new StartError(
    `--duration must be from 15m to 12h, such as 1h, not ${JSON.stringify(wish.duration)}`,
  );
}

async function policyOf({ policy }: SessionWish): Promise<string | null> {
  if (policy === undefined) return null;
  const text = await readIfPresent(policy);
  if (text === undefined) throw new StartError(`${policy} is not there: --policy names a file with a policy`);
  return text.trim();
}

function explain({ problem }: AssumeRoleError, { role, policy }: SessionWish): string {
  switch (problem.kind) {
    case 'too-long':
      return `role ${role} allows sessions of ${problem.maxSeconds} s at most: say a shorter --duration, or raise its MaxSessionDuration`;
    case 'bad-policy':
      return `${policy}: ${problem.detail}`;
    default:
      return `role ${role} cannot be taken on (${problem.kind})`;
  }
}
