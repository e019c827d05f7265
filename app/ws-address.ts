/** How the call for the address came in. */
export interface CalledAs {
  /** The host that the client called, as the front passes it on; undefined when the API was called directly. */
  readonly viewerHost: string | undefined;
  /** The scheme that the API was called with. */
  readonly scheme: string | undefined;
}

/** What may stand for a host in the answer: anything else is not repeated to the client. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/i;

/**
 * On the host that was called, at the path of the original service. Without a front there is no such path: API Gateway
 * refuses any path after its stage, so the id goes into the query.
 * @param token of letters that need no encoding there.
 */
export function wsAddress(
  wsUuid: string,
  { viewerHost, scheme }: CalledAs,
  websocketUrl: string,
  token?: string,
): string {
  const more = token === undefined ? '' : `token=${token}`;
  if (viewerHost === undefined || !HOST.test(viewerHost)) {
    return `${websocketUrl}?ws-uuid=${wsUuid}${more && `&${more}`}`;
  }
  return `${scheme === 'http' ? 'ws' : 'wss'}://${viewerHost}/ws/${wsUuid}${more && `?${more}`}`;
}
