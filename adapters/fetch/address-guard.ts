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

/** What can be told from the URL alone. Where it leads to is told at the connector, when the address is known. */
export function checkedUrl(text: string, base: string | undefined, allowed: readonly AllowedHost[]): URL {
  const url = URL.parse(text, base);
  if (!url) throw new SourceFailure('address-refused', 'This is not a URL that can be fetched.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new SourceFailure('address-refused', 'Only http and https URLs are fetched.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new SourceFailure('address-refused', 'URLs with a user name or password in them are not fetched.');
  }
  const port = portOf(url);
  if (port !== 80 && port !== 443 && !isAllowed(allowed, url.hostname, port)) {
    throw new SourceFailure('address-refused', 'Only the ports 80 and 443 are fetched from.');
  }
  return url;
}

export function portOf({ port, protocol }: { readonly port: string; readonly protocol: string }): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

export function withoutBrackets(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
