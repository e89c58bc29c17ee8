import { z } from 'zod';
import { arnOf } from '../../core/principals.ts';
import type { Principal } from '../../core/principals.ts';
import { choice, text } from '../fields.ts';
import { defineOperation } from '../operation.ts';

/** Tells whose key a call is signed with. */
export const GetCallerIdentity = defineOperation({
  name: 'GetCallerIdentity',
  summary: 'Tell who the caller is.',
  doc: `Every signed call is answered: no policy permits or denies it, as in the product. \`UserId\` is there for account
owners (the account's id) and RAM users, \`RoleId\` for sessions.`,
  kind: 'read',
  product: 'sts',
  ram: { action: 'sts:GetCallerIdentity', level: 'get', resource: '*', open: true },
  limit: { calls: 100, perSeconds: 1 },
  parameters: z.object({}),
  response: z.object({
    IdentityType: choice(['Account', 'RAMUser', 'AssumedRoleUser'], {
      description: 'Account owner, RAM user or session of a role.',
      example: 'RAMUser',
    }),
    AccountId: text({ description: 'Account of the caller.', example: '1968132000120001' }),
    PrincipalId: text({
      description: 'Id of the account or user; for a session the role’s id and the session name.',
      example: '212274892453810001',
    }),
    UserId: text({ description: 'Id of the account or user.', example: '212274892453810001' }).optional(),
    RoleId: text({ description: 'Id of the role.', example: '300000000000000001' }).optional(),
    Arn: text({
      description: 'Name of the caller in RAM.',
      example: 'acs:ram::1968132000120001:user/alice',
    }),
  }),
  errors: {},
  handle({ principal }) {
    return { AccountId: principal.accountId, Arn: arnOf(principal), ...identityOf(principal) };
  },
});

function identityOf(principal: Principal) {
  switch (principal.kind) {
    case 'owner': {
      const { accountId } = principal;
      return { IdentityType: 'Account', PrincipalId: accountId, UserId: accountId } as const;
    }
    case 'user': {
      const { id } = principal.user;
      return { IdentityType: 'RAMUser', PrincipalId: id, UserId: id } as const;
    }
    case 'session': {
      const { role, claims } = principal;
      const PrincipalId = `${role.id}:${claims.sessionName}`;
      return { IdentityType: 'AssumedRoleUser', PrincipalId, RoleId: role.id } as const;
    }
  }
}
