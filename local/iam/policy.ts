import type { PolicyStatement } from '../template/types/iam.ts';
import { type Condition, compileConditions, type RequestContext } from './conditions.ts';
import { PolicyError } from './policy-error.ts';
import { wildcard } from './wildcard.ts';

/** One thing that a call wants to do. A call may need several of them. */
export interface Permission {
  /** `dynamodb:GetItem` */
  readonly action: string;
  /** An ARN; `*` where the action has no resources. */
  readonly resource: string;
}

/** `denied`: a statement says so. `not-allowed`: none says otherwise. */
export type Verdict = 'allowed' | 'denied' | 'not-allowed';

export type Policy = (permission: Permission, context: RequestContext) => Verdict;

interface CompiledStatement {
  readonly allow: boolean;
  readonly actions: readonly RegExp[];
  readonly resources: readonly RegExp[];
  readonly condition: Condition;
}

/**
 * The statements of one identity, from all its policies: whatever a `Deny` fits is denied, else whatever an `Allow` fits is
 * allowed. @throws PolicyError for a statement that cannot be followed here.
 */
export function compilePolicy(statements: readonly PolicyStatement[]): Policy {
  const compiled = statements.map(compileStatement);
  const denials = compiled.filter(({ allow }) => !allow);
  const allowances = compiled.filter(({ allow }) => allow);
  return (permission, context) => {
    const fits = (statement: CompiledStatement) => fitsTo(statement, permission, context);
    if (denials.some(fits)) return 'denied';
    return allowances.some(fits) ? 'allowed' : 'not-allowed';
  };
}

function compileStatement(statement: PolicyStatement): CompiledStatement {
  const { Effect, Action, Resource, Principal, Condition } = statement;
  if (Principal !== undefined) throw new PolicyError('a policy of a role names no Principal');
  if (Resource === undefined) throw new PolicyError('a policy of a role needs a Resource');
  const variable = [...Action, ...Resource].find((text) => text.includes('${'));
  if (variable !== undefined) throw new PolicyError(`the policy variable in ${variable} has no value here`);
  return {
    allow: Effect === 'Allow',
    actions: Action.map((action) => wildcard(action, 'i')),
    resources: Resource.map((resource) => wildcard(resource)),
    condition: compileConditions(Condition ?? {}),
  };
}

function fitsTo(
  { actions, resources, condition }: CompiledStatement,
  { action, resource }: Permission,
  context: RequestContext,
): boolean {
  return (
    actions.some((pattern) => pattern.test(action)) &&
    resources.some((pattern) => pattern.test(resource)) &&
    condition(context)
  );
}
