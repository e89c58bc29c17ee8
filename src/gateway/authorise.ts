import type { DomainDirectory } from '../core/domains.ts';
import type { Operation } from '../operations/operation.ts';
import type { RpcRequest } from '../wire/rpc/request.ts';
import type { Identity } from './authenticate.ts';
import { commonError } from './errors.ts';
import type { GatewayInput } from './exchange.ts';

/** What a policy is asked. */
export interface AccessRequest {
  readonly accountId: string;
  readonly accessKeyId: string;
  /** `live:<Operation>`. */
  readonly action: string;
  /** Every spelling of what is accessed; a policy that names one of them names it. */
  readonly resources: readonly [string, ...string[]];
  readonly clientAddress: string;
  readonly secure: boolean;
}

/** Decides about an access request. */
export type AccessPolicy = (request: AccessRequest) => 'allow' | 'implicit-deny' | 'explicit-deny';

/** The owner of an account is not evaluated, and every access key is its account owner's: there are no RAM users yet. */
export const ownerMayDoAll: AccessPolicy = () => 'allow';

/** What is to be authorised. */
export interface Access {
  readonly identity: Identity;
  readonly operation: Operation;
  readonly request: RpcRequest;
  readonly input: Pick<GatewayInput, 'clientAddress' | 'secure'>;
}

/** Asks the policy whether the caller may. @throws ApiError `NoPermission` */
export function authorise(access: Access, domains: DomainDirectory, policy: AccessPolicy): void {
  const { accountId, accessKeyId } = access.identity.key;
  const { action } = access.operation.ram;
  const resources = resourcesOf(access, domains);
  const { clientAddress, secure } = access.input;
  const decision = policy({ accountId, accessKeyId, action, resources, clientAddress, secure });
  if (decision === 'allow') return;
  throw commonError('NoPermission', {
    message: `You are not authorized to do this action. Resource: ${resources[0]} Action: ${action}`,
    accessDeniedDetail: {
      AuthAction: action,
      AuthPrincipalType: 'SubUser',
      AuthPrincipalOwnerId: accountId,
      AuthPrincipalDisplayName: accessKeyId,
      NoPermissionType: decision === 'implicit-deny' ? 'ImplicitDeny' : 'ExplicitDeny',
      PolicyType: 'AccountLevelIdentityBasedPolicy',
    },
  });
}

/** A domain that cannot be read is `*` here: decoding refuses it next. */
function resourcesOf(
  { operation, request, identity }: Access,
  domains: DomainDirectory,
): [string, ...string[]] {
  const named = operation.ram.resource === 'domain' ? request.parameters.get('DomainName') : undefined;
  const domain = named === undefined ? 'bad-domain' : domains.resolve(named);
  if (typeof domain === 'string') return ['*'];
  const suffix = `:*:${identity.key.accountId}:domain/${domain.main}`;
  return [`acs:live${suffix}`, `acs:cdn${suffix}`];
}
