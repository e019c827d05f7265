export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** A part of the internet. */
export interface Reach {
  /** Those that a connection may be made to. */
  readonly ports: readonly PortRange[];
  /** Of the others: the end of a sentence that begins with the function's name. */
  readonly why: string;
}

/**
 * What the code of a function can connect to. `network.mjs` holds it to that. The addresses of this machine and of private
 * networks stand for what is inside of AWS: they are reached, but for those of `unreachable`.
 */
export interface NetworkRules {
  readonly ipv4: Reach;
  readonly ipv6: Reach;
  readonly unreachable: readonly { readonly host: string; readonly port: number; readonly why: string }[];
  /** Hosts that are reached wherever they are. */
  readonly reachable: readonly string[];
}
