import ipaddr from 'ipaddr.js';
import { SourceFailure } from '../../domain/errors.ts';

/** A host that the operator named: it may have any address, and any port where none is named with it. */
export interface AllowedHost {
  /** As a URL's `hostname` has it, without brackets. */
  readonly hostname: string;
  readonly port?: number;
}

const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Public IPv4, and public IPv6 that carries no IPv4 inside. The IPv6 side is a positive list, 2000::/3 less its special
 * blocks: the mapped, compatible and translated forms of IPv4 (::ffff:0:0/96, ::/96, 64:ff9b::/96, 2002::/16, 2001::/32)
 * are ways to reach an IPv4 address under another name, and no public server needs them.
 */
export function isGlobalUnicast(address: string): boolean {
  // A zone chooses an interface of this machine: nothing public has one.
  if (address.includes('%')) return false;
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address).range() === 'unicast';
  if (!ipaddr.IPv6.isValid(address)) return false;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_UNICAST_V6);
}

/** Throws for an entry that is not `host`, `host:port`, `[IPv6]:port` or an IP address: a typing error must not go unseen. */
export function parseAllowHosts(entries: readonly string[]): AllowedHost[] {
  return entries.map((entry) => {
    const text = entry.trim();
    const bare = ipaddr.IPv6.isValid(text) ? `[${text}]` : text;
    const { hostname, port } =
      /^(?<hostname>\[[^\]]+\]|[^[\]:/@?#*\s]+)(?::(?<port>\d{1,5}))?$/.exec(bare)?.groups ?? {};
    const url = hostname === undefined ? null : URL.parse(`http://${hostname}:${port ?? '1'}/`);
    if (!url) throw new Error(`"${entry}" is not a host that fetch can be allowed: name a host, or host:port`);
    return { hostname: withoutBrackets(url.hostname), ...(port !== undefined && { port: Number(port) }) };
  });
}

export function isAllowed(allowed: readonly AllowedHost[], hostname: string, port: number): boolean {
  const name = withoutBrackets(hostname);
  return allowed.some((each) => each.hostname === name && (each.port === undefined || each.port === port));
}

/** What may be reached: public addresses on these ports, and the hosts that are named. */
export interface Reach {
  readonly allowed: readonly AllowedHost[];
  readonly ports: readonly number[];
}

export const DEFAULT_PORTS: readonly number[] = [80, 443];

/**
 * Letters in ASCII, as a URL has them once it is read, or an IPv6 address. A URL lets a host have quotes, commas and
 * semicolons, too, which no server has in its name, and where another reader might see the end of it.
 */
const HOSTNAME = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/;

/** What can be told from the URL alone. Where it leads to is told at the connector, when the address is known. */
export function checkedUrl(text: string, base: string | undefined, { allowed, ports }: Reach): URL {
  const url = URL.parse(text, base);
  if (!url) throw new SourceFailure('address-refused', 'This is not a URL that can be fetched: check it.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new SourceFailure('address-refused', 'Only http and https URLs are fetched: send one of these.');
  }
  if (url.username !== '' || url.password !== '') {
    const sentence = 'URLs with a user name or password in them are not fetched: send one that needs none.';
    throw new SourceFailure('address-refused', sentence);
  }
  if (!HOSTNAME.test(url.hostname)) {
    throw new SourceFailure('address-refused', 'The name of the host in this URL is not a proper one: check it.');
  }
  const port = portOf(url);
  if (!ports.includes(port) && !isAllowed(allowed, url.hostname, port)) {
    throw new SourceFailure(
      'address-refused',
      `Only ${portsInWords(ports)} fetched from: send a URL without another port.`,
    );
  }
  return url;
}

/** Addresses that are not public, and other ports, look the same from outside: what is inside is nobody's business. */
export function refusedHost(hostname: string, ports: readonly number[]): SourceFailure {
  return new SourceFailure(
    'address-refused',
    `The address of ${hostname} is not fetched from: only public addresses are, and of them ${portsInWords(ports)}. Send the file itself.`,
  );
}

function portsInWords(ports: readonly number[]): string {
  return ports.length === 1
    ? `the port ${ports[0]} is`
    : `the ports ${ports.join(', ').replace(/, (?=\d+$)/, ' and ')} are`;
}

export function portOf({ port, protocol }: { readonly port: string; readonly protocol: string }): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
