import { createHmac, timingSafeEqual } from 'node:crypto';
import { RequestError } from '../domain/errors.ts';
import type { SocketKey, SocketKeys } from './ports.ts';

/**
 * What opens the socket of one channel until a moment: `<key id>.<seconds since 1970, base 36>.<HMAC>`. It needs no encoding in
 * a query, and holds nothing that its bearer does not know.
 */
const TOKEN = /^([\w-]{1,64})\.([0-9a-z]{1,11})\.([\w-]{43})$/;

const ASK_AGAIN = 'ask POST /public/sources/ws for a new address.';

export function signSocketToken({ id, secret }: SocketKey, wsUuid: string, expiresAt: number): string {
  // Down to the second: a token must not live longer than it was said to.
  const expires = Math.floor(expiresAt / 1000).toString(36);
  return `${id}.${expires}.${macOf(secret, wsUuid, expires)}`;
}

/** Throws RequestError `token-missing`, `token-invalid` or `token-expired`. */
export async function checkSocketToken(
  keys: SocketKeys,
  { wsUuid, token, now }: { readonly wsUuid: string; readonly token: string | undefined; readonly now: number },
): Promise<void> {
  if (!token) throw new RequestError('token-missing', `This address carries no token: ${ASK_AGAIN}`);
  const [, id, expires, mac] = TOKEN.exec(token) ?? [];
  if (id === undefined || expires === undefined || mac === undefined) throw invalid();
  const key = await keys.find(id);
  if (key === undefined || !isSame(mac, macOf(key.secret, wsUuid, expires))) throw invalid();
  // After the signature: what somebody made up is not told how it stands with its time.
  if (Number.parseInt(expires, 36) * 1000 <= now) {
    throw new RequestError('token-expired', `The token of this address has expired: ${ASK_AGAIN}`);
  }
}

function invalid(): RequestError {
  return new RequestError('token-invalid', `The token of this address is not one for this channel: ${ASK_AGAIN}`);
}

/** The first word keeps a key that is used for something else too from signing one of these by accident. */
function macOf(secret: string, wsUuid: string, expires: string): string {
  return createHmac('sha256', secret).update(`socket|${wsUuid}|${expires}`).digest('base64url');
}

/** In a time that tells nothing of where they differ. */
function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
