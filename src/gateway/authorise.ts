import type { AccessDecision, AccessRequest } from '../core/access.ts';
import type { DomainDirectory } from '../core/domains.ts';
import { arnOf, displayNameOf, principalTypeOf } from '../core/principals.ts';
import type { Principal } from '../core/principals.ts';
import type { Operation } from '../operations/operation.ts';
import type { RpcRequest } from '../wire/rpc/request.ts';
import type { Identity } from './authenticate.ts';
import { commonError } from './errors.ts';
import type { GatewayInput } from './exchange.ts';
import { allResourcesOf } from './resources.ts';

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
  const { principal } = identity;
  const { action, open } = operation.ram;
  if (open) return;
  const { clientAddress, secure } = input;
  const userAgent = request.headers.get('user-agent');
  const named = { parameters: request.parameters, principal, domains };
  for (const resources of allResourcesOf(operation, named)) {
    const decision = policy({ principal, action, resources, clientAddress, secure, userAgent });
    if (decision.effect !== 'allow') throw denial(decision, { principal, action, resource: resources[0] });
  }
}

interface Asked {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
}

function denial(decision: AccessDecision, asked: Asked): Error {
  const { principal, action, resource } = asked;
  return commonError('NoPermission', {
    message: `You are not authorized to do this action. Resource: ${resource} Action: ${action}`,
    accessDeniedDetail: {
      AuthAction: action,
      AuthPrincipalType: principalTypeOf(principal),
      AuthPrincipalOwnerId: principal.accountId,
      AuthPrincipalDisplayName: displayNameOf(principal),
      NoPermissionType: decision.effect === 'implicit-deny' ? 'ImplicitDeny' : 'ExplicitDeny',
      PolicyType: decision.limitedBy === 'session' ? 'SessionPolicy' : 'AccountLevelIdentityBasedPolicy',
      AuthResource: resource,
      EncodedDiagnosticMessage: diagnosticOf(decision, asked),
    },
  });
}

/** What the vendor leaves opaque: JSON in base64, with the statement that decided when there is one. */
function diagnosticOf({ effect, decidedBy }: AccessDecision, asked: Asked): string {
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
