import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { SourceFailure } from '../../domain/errors.ts';
import { isAllowed, isGlobalUnicast, portOf, type Reach, refusedHost, withoutBrackets } from './address-guard.ts';

export type Lookup = (hostname: string) => Promise<readonly { readonly address: string }[]>;
export type Dial = buildConnector.connector;

export interface GuardOptions extends Reach {
  /** Ends what is being looked up and dialled, and the connection that came of it. */
  readonly signal: AbortSignal;
  readonly lookup?: Lookup;
  /** For each address that is tried. Default: 5 s. */
  readonly connectTimeoutMs?: number;
  /** Opens the socket to `hostname`, which is always an IP address here. */
  readonly dial?: Dial;
}

/** A host that has more addresses than this gets no more tries than this. */
const MAX_ADDRESSES = 4;
export const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Resolves, checks and dials in one place: the address that was checked is the one that is dialled, so a second DNS answer
 * changes nothing, and an IP address in the URL, which no lookup ever sees, is checked like any other.
 */
export function createGuardedConnector(options: GuardOptions): Dial {
  const { allowed, ports, signal, lookup = lookupAll, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  // HTTP/2 has limits of its own kind: what is counted and refused here is HTTP/1.1. A socket that is half-way up goes with the signal.
  const dial = options.dial ?? buildConnector({ timeout: connectTimeoutMs, allowH2: false, signal });

  return (target, callback) => {
    let answer: buildConnector.Callback | undefined = callback;
    const settle: buildConnector.Callback = (...outcome) => {
      signal.removeEventListener('abort', abort);
      // A socket that comes after the abort belongs to nobody any more.
      if (!answer) outcome[1]?.destroy();
      answer?.(...outcome);
      answer = undefined;
    };
    // A lookup cannot be cancelled, and undici waits for this answer before it closes.
    const abort = () => settle(signal.reason, null);
    signal.addEventListener('abort', abort);
    connect(target).then(
      (socket) => settle(null, socket),
      (error) => settle(error, null),
    );
  };

  async function connect(target: buildConnector.Options) {
    const hostname = withoutBrackets(target.hostname);
    const named = isAllowed(allowed, hostname, portOf(target));
    if (!named && !ports.includes(portOf(target))) throw refusedHost(hostname, ports);
    const addresses = isIP(hostname) ? [hostname] : (await lookup(hostname)).map((entry) => entry.address);
    const dialled = named ? addresses : addresses.filter(isGlobalUnicast);
    if (addresses.length > 0 && dialled.length === 0) throw refusedHost(hostname, ports);
    return await dialFirst(target, dialled, named);
  }

  async function dialFirst(target: buildConnector.Options, addresses: readonly string[], named: boolean) {
    let failure: unknown = Object.assign(new Error('the host has no address'), { code: 'ENODATA' });
    // IPv4 first: the function that fetches has no way out over IPv6, and trying costs time.
    const ordered = addresses.toSorted((one, other) => isIP(one) - isIP(other));
    for (const address of ordered.slice(0, MAX_ADDRESSES)) {
      signal.throwIfAborted();
      try {
        const socket = await dialOne({ ...target, hostname: address });
        const { remoteAddress } = socket;
        if (named || (remoteAddress !== undefined && isGlobalUnicast(remoteAddress))) return socket;
        socket.destroy();
        // Gone before it could be seen who it was: nothing is known against it.
        if (remoteAddress === undefined) throw gone();
        throw refusedHost(withoutBrackets(target.hostname), ports);
      } catch (error) {
        if (error instanceof SourceFailure) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  function dialOne(target: buildConnector.Options) {
    const { promise, resolve, reject } = Promise.withResolvers<NonNullable<Parameters<buildConnector.Callback>[1]>>();
    dial(target, (error, socket) => (socket ? resolve(socket) : reject(error)));
    return promise;
  }
}

function gone(): Error {
  return Object.assign(new Error('the other side was gone at once'), { code: 'ECONNRESET' });
}

function lookupAll(hostname: string) {
  return systemLookup(hostname, { all: true });
}
