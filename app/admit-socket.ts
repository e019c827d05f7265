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
  /** The host that the client called, as the front passes it on: its own page is served there. */
  readonly viewerHost: string | undefined;
}

/**
 * Who may open a socket at all, before it is asked for what.
 * Throws RequestError `origin-not-allowed`, `token-missing`, `token-invalid` or `token-expired`.
 */
export async function admitSocket(
  { keys, allowOrigins, clock }: AdmitSocketPorts,
  { wsUuid = '', token, origin, viewerHost }: SocketRequest,
): Promise<void> {
  // Browsers let every page open sockets everywhere, and say only here whose page it is. What is no browser may leave it out.
  if (origin !== undefined && allowOrigins.length > 0 && !isAllowed(origin.toLowerCase(), allowOrigins, viewerHost)) {
    throw new RequestError(
      'origin-not-allowed',
      'Pages of this origin may not connect: whoever runs the service can allow it.',
    );
  }
  if (keys) await checkSocketToken(keys, { wsUuid, token, now: clock.now() });
}

/** No page can make a browser send another host or origin than its own, so a service's own page need not be in the list. */
function isAllowed(origin: string, allowOrigins: readonly string[], viewerHost: string | undefined): boolean {
  return (
    allowOrigins.includes(origin) || (viewerHost !== undefined && URL.parse(origin)?.host === viewerHost.toLowerCase())
  );
}
