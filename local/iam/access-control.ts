import type { LocalLog } from '../log.ts';
import type { Environment } from '../template/resource-type.ts';
import type { PolicyStatement } from '../template/types/iam.ts';
import type { RequestContext } from './conditions.ts';
import { type Principal, ROOT } from './credentials.ts';
import { compilePolicy, type Permission, type Policy, type Verdict } from './policy.ts';
import type { Refusal } from './refusal.ts';

/** Who calls with the rights of a role. */
export interface Identity {
  readonly functionName: string;
  readonly roleName: string;
  readonly statements: readonly PolicyStatement[];
  /** Of each of its calls. */
  readonly context: RequestContext;
}

/** One permission that a call needed, and whether its caller has it. */
export interface Decision extends Permission {
  /** As it is called in the store of credentials. */
  readonly principal: string;
  readonly functionName: string;
  readonly context: RequestContext;
  readonly verdict: Verdict;
}

export interface AccessControlOptions {
  readonly environment: Environment;
  readonly log: LocalLog;
  /** Which call in `lib/` would give the permission. */
  readonly grantFor?: (permission: Permission) => string | undefined;
}

/** Ours: one caller asks for the same few tables again and again, and for files that are new each time. */
const MAX_REMEMBERED = 500;

interface Attached {
  readonly identity: Identity;
  readonly policy: Policy;
  readonly decided: Map<string, Verdict>;
}

/** What each caller may do: the runtime and the tests everything, a function what the statements of its role say. */
export class AccessControl {
  readonly environment: Environment;
  readonly #options: AccessControlOptions;
  readonly #attached = new Map<string, Attached>();
  readonly #observers = new Set<(decision: Decision) => void>();

  constructor(options: AccessControlOptions) {
    this.#options = options;
    this.environment = options.environment;
  }

  /** Takes the place of what was attached before. @throws PolicyError */
  attach(principal: string, identity: Identity): void {
    this.#attached.set(principal, { identity, policy: compilePolicy(identity.statements), decided: new Map() });
  }

  identityOf(principal: string): Identity | undefined {
    return this.#attached.get(principal)?.identity;
  }

  /** Whether its calls are looked at: those of the runtime itself are not. */
  limits({ name }: Pick<Principal, 'name'>): boolean {
    return name !== ROOT;
  }

  /** Is told of every permission that is asked for. @returns what ends that. */
  observe(observer: (decision: Decision) => void): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** @returns the first of `permissions` that the caller has not; undefined: the call may go on. */
  refusalOf(principal: Pick<Principal, 'name'>, permissions: readonly Permission[]): Refusal | undefined {
    if (!this.limits(principal)) return undefined;
    const { name } = principal;
    for (const permission of permissions) {
      const verdict = this.#decide(name, permission);
      if (verdict !== 'allowed') return { user: this.#userArn(name), permission, verdict };
    }
    return undefined;
  }

  #decide(principal: string, permission: Permission): Verdict {
    const attached = this.#attached.get(principal);
    if (attached === undefined) return 'not-allowed';
    const { identity, policy, decided } = attached;
    const key = `${permission.action} ${permission.resource}`;
    const remembered = decided.get(key);
    const verdict = remembered ?? policy(permission, identity.context);
    if (remembered === undefined) {
      if (decided.size >= MAX_REMEMBERED) decided.delete(decided.keys().next().value!);
      decided.set(key, verdict);
    }
    const { functionName, context } = identity;
    for (const observe of this.#observers) observe({ ...permission, principal, functionName, context, verdict });
    if (verdict !== 'allowed') this.#report(identity, permission, verdict, remembered !== undefined);
    return verdict;
  }

  /** A caller that tries again is refused again: a person is told once. */
  #report({ functionName, roleName }: Identity, permission: Permission, verdict: Verdict, again: boolean): void {
    const { log, grantFor } = this.#options;
    const why =
      verdict === 'denied' ? `a statement of its role ${roleName} denies it` : `its role ${roleName} does not allow it`;
    const grant = verdict === 'denied' ? undefined : (grantFor?.(permission) ?? 'no grant* that there is');
    const text = `${functionName} was refused ${permission.action} on ${permission.resource}: ${why}${grant === undefined ? '' : `; ${grant} would`}.`;
    if (again) log.line('iam', text);
    else log.error('iam', text);
  }

  #userArn(principal: string): string {
    const { partition, accountId } = this.environment;
    const { roleName = principal, functionName = principal } = this.#attached.get(principal)?.identity ?? {};
    return `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/${functionName}`;
  }
}
