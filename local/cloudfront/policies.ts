/** What of a viewer's request reaches the origin. */
export interface Forwarding {
  readonly headers: 'default' | 'all' | 'all-except-host';
  readonly cookies: boolean;
  readonly queryStrings: boolean;
}

export class UnknownPolicyError extends Error {
  readonly code = 'UNKNOWN_POLICY';

  constructor(kind: string, id: string) {
    super(`The ${kind} ${id} is not simulated here`);
    this.name = 'UnknownPolicyError';
  }
}

const NOTHING: Forwarding = { headers: 'default', cookies: false, queryStrings: false };

/** The managed origin request policies that are understood, by id. */
const ORIGIN_REQUEST_POLICIES: Readonly<Record<string, Forwarding>> = {
  // Managed-AllViewer
  '216adef6-5c7f-47e4-b989-5492eafa07d3': { headers: 'all', cookies: true, queryStrings: true },
  // Managed-AllViewerExceptHostHeader
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': { headers: 'all-except-host', cookies: true, queryStrings: true },
};

/** Managed cache policies that forward nothing by themselves. Nothing is cached here: every answer is a miss. */
const CACHE_POLICIES = new Set([
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', // Managed-CachingDisabled
  '658327ea-f89d-4fab-a63d-7e88639e58f6', // Managed-CachingOptimized
  'b2884449-e4de-46a7-ac36-70bc7f1ddd6d', // Managed-CachingOptimizedForUncompressedObjects
]);

export function forwardingOf(originRequestPolicyId: string | undefined, cachePolicyId: string | undefined): Forwarding {
  if (cachePolicyId !== undefined && !CACHE_POLICIES.has(cachePolicyId))
    throw new UnknownPolicyError('cache policy', cachePolicyId);
  if (originRequestPolicyId === undefined) return NOTHING;
  const forwarding = ORIGIN_REQUEST_POLICIES[originRequestPolicyId];
  if (forwarding === undefined) throw new UnknownPolicyError('origin request policy', originRequestPolicyId);
  return forwarding;
}
