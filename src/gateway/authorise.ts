import type { AccessDecision, AccessRequest } from '../core/access.ts';
import type { DomainDirectory } from '../core/domains.ts';
import { arnOf, displayNameOf, principalTypeOf } from '../core/principals.ts';
import type { Principal } from '../core/principals.ts';
import type { Operation } from '../operations/operation.ts';
import type { RpcRequest } from '../wire/rpc/request.ts';
import type { Identity } from './authenticate.ts';
import { commonError } from './errors.ts';
import type { GatewayInput } from './exchange.ts';
import { resourcesOf } from './resources.ts';

/** Decides about an access request. */
export type AccessPolicy = (request: AccessRequest) => AccessDecision;

/** What is to be authorised. */
export interface AccessAttempt {
  readonly identity: Identity;
  readonly operation: Operation;
  readonly request: RpcRequest;
  readonly input: Pick<GatewayInput, 'clientAddress' | 'secure'>;
}

/** Asks the policy whether the caller may, unless every caller may. @throws ApiError `NoPermission` */
export function authorise(attempt: AccessAttempt, domains: DomainDirectory, policy: AccessPolicy): void {
  const { identity, operation, request, input } = attempt;
  const { principal, accountId } = identity;
  const { action, open } = operation.ram;
  if (open) return;
  const resources = resourcesOf(operation, { parameters: request.parameters, principal, domains });
  const { clientAddress, secure } = input;
  const userAgent = request.headers.get('user-agent');
  const decision = policy({ principal, action, resources, clientAddress, secure, userAgent });
  if (decision.effect === 'allow') return;
  throw commonError('NoPermission', {
    message: `You are not authorized to do this action. Resource: ${resources[0]} Action: ${action}`,
    accessDeniedDetail: {
      AuthAction: action,
      AuthPrincipalType: principalTypeOf(principal),
      AuthPrincipalOwnerId: accountId,
      AuthPrincipalDisplayName: displayNameOf(principal),
      NoPermissionType: decision.effect === 'implicit-deny' ? 'ImplicitDeny' : 'ExplicitDeny',
      PolicyType: decision.limitedBy === 'session' ? 'SessionPolicy' : 'AccountLevelIdentityBasedPolicy',
      AuthResource: resources[0],
      EncodedDiagnosticMessage: diagnosticOf(decision, { principal, action, resource: resources[0] }),
    },
  });
}

/** What the vendor leaves opaque: JSON in base64, with the statement that decided when there is one. */
function diagnosticOf(
  { effect, decidedBy }: AccessDecision,
  asked: { principal: Principal; action: string; resource: string },
): string {
  const statement = decidedBy && {
    Policy: decidedBy.policy.name,
    AttachedTo: decidedBy.policy.source,
    Statement: decidedBy.statement,
  };
  const { action, resource, principal } = asked;
  const message = { Effect: effect, Action: action, Resource: resource, Principal: arnOf(principal) };
  return Buffer.from(JSON.stringify({ ...message, ...(statement && { DecidedBy: statement }) })).toString(
    'base64',
  );
}
