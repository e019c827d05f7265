import { RequestError } from '../domain/errors.ts';
import type { Clock, SocketKeys } from './ports.ts';
import { checkSocketToken } from './socket-token.ts';

export interface AdmitSocketPorts {
  /** Undefined: whoever knows a channel may listen to it. */
  readonly keys: SocketKeys | undefined;
  /** Of the pages that may open sockets. None: all. */
  readonly allowOrigins: readonly string[];
  readonly clock: Clock;
}

export interface SocketRequest {
  readonly wsUuid: string | undefined;
  readonly token: string | undefined;
  /** Sent by every browser, and by hardly anything else. */
  readonly origin: string | undefined;
}

/**
 * Who may open a socket at all, before it is asked for what.
 * Throws RequestError `origin-not-allowed`, `token-missing`, `token-invalid` or `token-expired`.
 */
export async function admitSocket(
  { keys, allowOrigins, clock }: AdmitSocketPorts,
  { wsUuid = '', token, origin }: SocketRequest,
): Promise<void> {
  // Browsers let every page open sockets everywhere, and say only here whose page it is. What is no browser may leave it out.
  if (origin !== undefined && allowOrigins.length > 0 && !allowOrigins.includes(origin.toLowerCase())) {
    throw new RequestError(
      'origin-not-allowed',
      'Pages of this origin may not connect: whoever runs the service can allow it.',
    );
  }
  if (keys) await checkSocketToken(keys, { wsUuid, token, now: clock.now() });
}
