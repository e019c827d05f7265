import type { Permission, Verdict } from './policy.ts';

/** Why a call may not go on. */
export interface Refusal {
  /** The ARN of the role's session. */
  readonly user: string;
  readonly permission: Permission;
  readonly verdict: Exclude<Verdict, 'allowed'>;
}

/** In the words of AWS. Its services write the names of actions and resources each in a way of its own. */
export function refusalMessage({ user, permission, verdict }: Refusal, shown: Partial<Permission> = {}): string {
  const { action, resource } = { ...permission, ...shown };
  const why =
    verdict === 'denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}
