/** The condition operators of RAM's policy language. There is no `IfExists` and no `Null`: the product refuses both. */
export const CONDITION_OPERATORS = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEquals',
  'DateEquals',
  'DateNotEquals',
  'DateLessThan',
  'DateLessThanEquals',
  'DateGreaterThan',
  'DateGreaterThanEquals',
  'Bool',
  'IpAddress',
  'NotIpAddress',
] as const;

/** One of RAM's condition operators, in the product's spelling. */
export type ConditionOperator = (typeof CONDITION_OPERATORS)[number];

/** Whether a statement gives a permission or takes it away. */
export type StatementEffect = 'Allow' | 'Deny';

/** One key under one operator. Its values are alternatives; a Not operator wants none of them. */
export interface PolicyCondition {
  readonly operator: ConditionOperator;
  /** As it was written; names of keys are compared without case. */
  readonly key: string;
  /** Numbers and booleans of the document as text. */
  readonly values: readonly string[];
}

/** A statement of a permission policy. */
export interface PolicyStatement {
  readonly effect: StatementEffect;
  /** The patterns of `Action`, or of `NotAction`. */
  readonly actions: readonly string[];
  /** True: the statement is about every action that no pattern names. */
  readonly notActions: boolean;
  /** The patterns of `Resource`, or of `NotResource`. */
  readonly resources: readonly string[];
  /** True: the statement is about every resource that no pattern names. */
  readonly notResources: boolean;
  /** All of them must hold. */
  readonly conditions: readonly PolicyCondition[];
}

/** A permission policy that was read: what is attached to users, groups and roles, or narrows a session. */
export interface PolicyDocument {
  readonly statements: readonly PolicyStatement[];
}

/** Who a trust statement is about: ARNs of accounts, users and roles, names of services, ARNs of identity providers. */
export interface TrustPrincipals {
  readonly ram: readonly string[];
  readonly service: readonly string[];
  readonly federated: readonly string[];
}

/** A statement of a role's trust policy: who may assume the role. The role itself is the resource. */
export interface TrustStatement {
  readonly effect: StatementEffect;
  readonly actions: readonly string[];
  readonly notActions?: boolean;
  readonly principals: TrustPrincipals;
  readonly conditions: readonly PolicyCondition[];
}

/** A role's trust policy that was read. */
export interface TrustDocument {
  readonly statements: readonly TrustStatement[];
}
