import { createHash } from 'node:crypto';
import { RequestError } from '../domain/errors.ts';
import type { ApiKeys } from './ports.ts';

export interface Credentials {
  readonly userId: string | undefined;
  readonly apiKey: string | undefined;
}

/**
 * Only the hash of a key is stored, so a leaked table opens nothing. Keys are 128 random bits or more: no salt and no
 * slow hash are needed.
 * @returns the user id. Throws RequestError `missing-credentials` or `invalid-credentials`.
 */
export async function authenticate(apiKeys: ApiKeys, { userId, apiKey }: Credentials): Promise<string> {
  if (!userId || !apiKey) {
    throw new RequestError('missing-credentials', 'Send your user id in X-User-ID and your API key in X-API-Key.');
  }
  const owner = await apiKeys.userOf(hashKey(apiKey));
  // One answer for an unknown key and for somebody else's: which of the two it was is nobody's business.
  if (owner !== userId) throw new RequestError('invalid-credentials', 'This API key is not valid for this user.');
  return owner;
}

export function hashKey(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex');
}
