// Holds the code of a function to what its network reaches (see network-rules.ts): what goes nowhere on AWS fails here.
// Plain JavaScript, as the program that loads it.
import dns from 'node:dns';
import net from 'node:net';

/** This machine and private networks: what a VPC, and the services of AWS, are here. */
const inside = new net.BlockList();
inside.addSubnet('127.0.0.0', 8, 'ipv4');
inside.addSubnet('10.0.0.0', 8, 'ipv4');
inside.addSubnet('172.16.0.0', 12, 'ipv4');
inside.addSubnet('192.168.0.0', 16, 'ipv4');
inside.addSubnet('169.254.0.0', 16, 'ipv4');
inside.addAddress('::1', 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');
inside.addSubnet('fe80::', 10, 'ipv6');

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * @param rules NetworkRules
 * @param onRefused called with the address, the port and why.
 */
export function limitNetwork(rules, onRefused) {
  const connect = net.Socket.prototype.connect;
  const check = (host, address, port) => {
    const why = refusalOf(rules, host, MAPPED.exec(address)?.[1] ?? address, port);
    if (why === undefined) return undefined;
    onRefused(address, port, why);
    return timedOut(address, port);
  };
  net.Socket.prototype.connect = function limitedConnect(...args) {
    const options = optionsOf(args);
    if (options === undefined) return connect.apply(this, args);
    const { host = 'localhost', port } = options;
    if (net.isIP(host) === 0) {
      const lookup = checkedLookup(options.lookup, (address) => check(host, address, port));
      return connect.apply(this, withOptions(args, { ...options, host, lookup }));
    }
    const error = check(host, host, port);
    if (error === undefined) return connect.apply(this, args);
    this.connecting = true;
    process.nextTick(() => this.destroy(error));
    return this;
  };
}

/** @returns undefined: it is reached. */
function refusalOf({ ipv4, ipv6, unreachable, reachable }, host, address, port) {
  const closed = unreachable.find((each) => each.port === Number(port) && [host, address].includes(each.host));
  if (closed) return closed.why;
  const family = net.isIPv6(address) ? 'ipv6' : 'ipv4';
  if (inside.check(address, family) || reachable.includes(host)) return undefined;
  const { ports, why } = family === 'ipv6' ? ipv6 : ipv4;
  return ports.some(({ from, to }) => from <= port && port <= to) ? undefined : why;
}

/** What a caller is told in the end where nothing answers. It is told at once: nobody learns anything by waiting. */
function timedOut(address, port) {
  const error = new Error(`connect ETIMEDOUT ${address}:${port}`);
  return Object.assign(error, { errno: -110, code: 'ETIMEDOUT', syscall: 'connect', address, port });
}

/** The options of each of the ways to call `connect`; undefined for a path, which is no network. */
function optionsOf(args) {
  const [first, second] = args;
  const options = Array.isArray(first) ? first[0] : first;
  if (typeof options === 'object' && options !== null) return options.path ? undefined : options;
  const port = Number(options);
  if (Number.isNaN(port)) return undefined;
  return { port, host: typeof second === 'string' ? second : undefined };
}

function withOptions([first, ...others], options) {
  if (Array.isArray(first)) {
    first[0] = options; // the array is marked as one that Node has made
    return [first, ...others];
  }
  return [options, ...others.filter((each) => typeof each === 'function')];
}

/** Leaves the addresses that are reached; where there are none, the name leads nowhere. */
function checkedLookup(lookup, check) {
  return (hostname, options, callback) => {
    const resolve = lookup ?? dns.lookup;
    resolve(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      if (!Array.isArray(found)) return callback(check(found) ?? null, found, family);
      const answers = found.map((each) => ({ each, refused: check(each.address) }));
      const reached = answers.filter(({ refused }) => refused === undefined).map(({ each }) => each);
      if (reached.length > 0 || found.length === 0) return callback(null, reached);
      return callback(answers[0].refused, []);
    });
  };
}
