import { vi } from 'vitest';
import type { AccessControl, Decision } from '../../local/iam/access-control.ts';
import { compilePolicy } from '../../local/iam/policy.ts';
import { wildcard } from '../../local/iam/wildcard.ts';
import { memoryLog } from '../../local/log.ts';
import type { Template } from '../../local/template/template.ts';
import type { PolicyStatement } from '../../local/template/types/iam.ts';
import { serviceFunctions, shortName } from '../../local/wiring/functions.ts';
import { friendlyResource } from '../../local/wiring/resource-names.ts';
import { createAccessControl } from '../../local/wiring/roles.ts';

/** One action on one resource that a statement of a function's role allows. */
export interface GrantedPair {
  /** For people. */
  readonly functionName: string;
  readonly action: string;
  /** In the words of `lib/`, where it is one of the app's. */
  readonly on: string;
  /** As the statement has it. */
  readonly resource: string;
}

/** Everything that the template allows its functions. */
export function grantedPairs(template: Template): GrantedPair[] {
  const access = createAccessControl(template, memoryLog());
  return serviceFunctions(template).flatMap((resource) => {
    const pairs = access
      .identityOf(resource.ref)!
      .statements.filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action, Resource = [] }) =>
        Action.flatMap((action) => Resource.map((each) => [action, each] as const)),
      );
    const unique = new Map(pairs.map((pair) => [pair.join(' '), pair]));
    return [...unique.values()].map(([action, each]) => ({
      functionName: shortName(resource),
      action,
      on: friendlyResource(template, each) ?? each,
      resource: each,
    }));
  });
}

/** The statements as they would be had the pair never been granted. */
export function withoutPair(
  statements: readonly PolicyStatement[],
  { action, resource }: Pick<GrantedPair, 'action' | 'resource'>,
): PolicyStatement[] {
  return statements.flatMap((statement) => {
    const { Effect, Action, Resource = [] } = statement;
    if (Effect !== 'Allow' || !Action.includes(action) || !Resource.includes(resource)) return [statement];
    return [
      { ...statement, Action: Action.filter((each) => each !== action) },
      { ...statement, Action: [action], Resource: Resource.filter((each) => each !== resource) },
    ];
  });
}

interface Need {
  readonly scenario: string;
  readonly decision: Decision;
}

/** What the functions asked for and were allowed, and in which scenario. */
export class RecordedNeeds implements Disposable {
  readonly #access: AccessControl;
  readonly #template: Template;
  readonly #needs = new Map<string, Need>();
  readonly #observing: Disposable;
  #scenario = 'the start';
  #current: Decision[] = [];

  constructor(access: AccessControl, template: Template) {
    this.#access = access;
    this.#template = template;
    this.#observing = access.observe((decision) => this.#note(decision));
  }

  #note(decision: Decision): void {
    this.#current.push(decision);
    const { principal, action, resource, verdict } = decision;
    const key = `${this.#scenario} ${principal} ${action} ${resource}`;
    if (verdict === 'allowed') this.#needs.set(key, { scenario: this.#scenario, decision });
  }

  /** What is asked for from now on is the scenario's. */
  begin(scenario: string): void {
    this.#scenario = scenario;
    this.#current = [];
  }

  /**
   * Waits until the scenario's functions have asked for it, whatever the answer was.
   * @param attempt is made again until they have, for what they ask for in some moments only.
   */
  async until(
    functionName: string,
    action: string,
    on = '*',
    attempt: () => Promise<unknown> = async () => {},
  ): Promise<void> {
    const pattern = wildcard(on);
    const isIt = (each: Decision): boolean =>
      each.functionName.endsWith(`-${functionName}`) &&
      each.action === action &&
      pattern.test(friendlyResource(this.#template, each.resource) ?? each.resource);
    const look = async () => {
      await attempt();
      if (!this.#current.some(isIt)) throw new Error(`${functionName} has not asked for ${action} on ${on}`);
    };
    await vi.waitFor(look, { timeout: 90_000, interval: 20 });
  }

  /** What the scenario's functions asked for and were not allowed: some of them go on without. */
  refused(): string[] {
    return this.#current
      .filter(({ verdict }) => verdict !== 'allowed')
      .map(({ functionName, action, resource }) => `${functionName}: ${action} on ${resource}`);
  }

  /** The scenarios that would not come to their end without the pair. */
  scenariosThatNeed({ functionName, ...pair }: GrantedPair): string[] {
    const own = [...this.#needs.values()].filter(({ decision }) => decision.functionName.endsWith(`-${functionName}`));
    if (own.length === 0) return [];
    const { statements } = this.#access.identityOf(own[0]!.decision.principal)!;
    const reduced = compilePolicy(withoutPair(statements, pair));
    const failing = own.filter(({ decision }) => reduced(decision, decision.context) !== 'allowed');
    return [...new Set(failing.map(({ scenario }) => scenario))];
  }

  [Symbol.dispose](): void {
    this.#observing[Symbol.dispose]();
  }
}
