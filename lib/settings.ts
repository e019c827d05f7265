import type { Node } from 'constructs';
import { type FrontSettings, readFrontSettings } from './front-settings.ts';
import { type ExistingNetwork, readExistingNetwork } from './network-settings.ts';
import { SettingError } from './setting-error.ts';

/** What whoever deploys may choose: the context values of `cdk.json`, which `cdk -c name=value` overrides. */
export interface Settings {
  /** NAT gateways of the VPC, for a processor that has to reach the IPv4 internet. Default 0: nothing in the VPC needs one. */
  readonly natGateways: number;
  /** The two zones of the VPC, by their places in the list that CloudFormation has of the region's. Default the first two. */
  readonly zones: readonly number[];
  /**
   * Shards that new channels are spread over, and that the sweeper looks after. A channel keeps its own, so it may be raised
   * at any time. Lower it only after a day without use: the sweeper no longer looks after the shards above it, on which
   * channels live until 24 h after their last use.
   */
  readonly shards: number;
  /** Host names or addresses that `fetch` may reach although they are not public. Default none. */
  readonly allowFetchHosts: readonly string[];
  readonly fetch: FetchSettings;
  /** A service that sources are forwarded to, instead of their text being extracted here. Default none. */
  readonly upstream: URL | undefined;
  /** Who gets a mail at each alarm. Default nobody. */
  readonly alarmEmail: string | undefined;
  /** Where whoever is woken reads the runbook: the address of the page, to which a heading is added. */
  readonly runbookUrl: string;
  readonly front: FrontSettings;
  readonly existing: ExistingNetwork;
  /**
   * Who may open a socket. `channel`: whoever knows a channel that an authenticated call registered. `token`: whoever was given
   * its address less than an hour ago. Default `token`; on one machine `channel`.
   */
  readonly socketAuth: 'channel' | 'token';
  /** The origins of pages that may call and connect, in lower case. Default none: all may. */
  readonly allowOrigins: readonly string[];
  /** How much one user may have at a time: see `app/user-limits.ts`. 0: any. */
  readonly limits: { readonly channels: number; readonly sockets: number; readonly uploads: number };
}

/** How URLs are fetched. Each is a variable of the fetch function. */
export interface FetchSettings {
  /** Hosts may see who asks, and how to complain: `name/1.0 (+https://…)`. Default `source-upload-service`. */
  readonly userAgent: string;
  /** For all of one fetch, redirects and retries included. Default 60. */
  readonly deadlineSeconds: number;
  /** For one address. Default 5. */
  readonly connectSeconds: number;
  /** The longest silence, before an answer and within it. Default 30. */
  readonly idleSeconds: number;
  /** After a failure that may pass. Default 3. */
  readonly retries: number;
  /** Of public hosts. Default 80 and 443. */
  readonly ports: readonly number[];
}

/** A source ends within the 300 s of the process function: what the deadline leaves is for its text. */
const MAX_DEADLINE_SECONDS = 180;

/** Where an upstream follows, which has 180 s. `process` waits for the fetch function for 30 s more than its deadline. */
const MAX_DEADLINE_BEFORE_UPSTREAM_SECONDS = 80;

interface Longest {
  readonly bytes: number;
  readonly why: string;
}

/**
 * Lambda takes 4 KB of variables for a function, their names among them, and would refuse more only when two stacks are made.
 * Together these leave room for what else a function is told, with names as long as AWS makes them: a test adds it up.
 */
const OF_VARIABLES = 'Lambda takes 4 KB of variables for a function, and this is one of several';
const LONGEST_HOSTS: Longest = { bytes: 2500, why: OF_VARIABLES };
const LONGEST_ORIGINS: Longest = { bytes: 2500, why: OF_VARIABLES };
const LONGEST_PORTS: Longest = { bytes: 500, why: OF_VARIABLES };
const LONGEST_UPSTREAM: Longest = { bytes: 2000, why: OF_VARIABLES };

/** The sentence of an alarm and its heading stand beside it, in the 1,024 characters that CloudWatch has for a description. */
const LONGEST_RUNBOOK: Longest = {
  bytes: 800,
  why: 'it stands in the description of each alarm, which may have 1,024',
};

/** @throws naming the context value that makes no sense. */
export function readSettings(node: Node): Settings {
  const upstream = serviceUrl(node, 'upstreamUrl');
  return {
    natGateways: wholeNumber(node, 'natGateways', { min: 0, max: 2 }), // 2: one for each availability zone of the VPC
    zones: zonePair(node, 'zones'),
    shards: wholeNumber(node, 'shards', { min: 1, max: 128 }),
    allowFetchHosts: hostList(node, 'allowFetchHosts'),
    fetch: fetchSettings(node, upstream ? MAX_DEADLINE_BEFORE_UPSTREAM_SECONDS : MAX_DEADLINE_SECONDS),
    upstream,
    alarmEmail: mailAddress(node, 'alarmEmail'),
    runbookUrl: atMost(LONGEST_RUNBOOK, 'runbookUrl', text(node, 'runbookUrl')),
    front: readFrontSettings(node),
    existing: readExistingNetwork(node),
    socketAuth: socketAuth(node),
    allowOrigins: originList(node, 'allowOrigins'),
    limits: {
      channels: wholeNumber(node, 'maxChannels', { min: 0, max: 1_000_000 }),
      sockets: wholeNumber(node, 'maxSockets', { min: 0, max: 1_000_000 }),
      uploads: wholeNumber(node, 'maxUploads', { min: 0, max: 1_000_000 }),
    },
  };
}

function atMost({ bytes, why }: Longest, name: string, value: string): string {
  const given = Buffer.byteLength(value);
  if (given <= bytes) return value;
  throw new SettingError(`Context value "${name}" has to be ${bytes} bytes at the most, not ${given}: ${why}.`);
}

/** Values of `cdk.json` keep their type, those of the command line are text. */
function wholeNumber(node: Node, name: string, { min, max }: { min: number; max: number }): number {
  const text = String(node.tryGetContext(name) ?? '');
  const value = Number(text);
  if (text === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new SettingError(`Context value "${name}" has to be a whole number from ${min} to ${max}, not "${text}".`);
  }
  return value;
}

function zonePair(node: Node, name: string): number[] {
  const zones = list(node, name);
  // No region has more than six.
  if (zones.length !== 2 || zones[0] === zones[1] || !zones.every((zone) => /^[0-5]$/.test(zone))) {
    throw new SettingError(
      `Context value "${name}" has to be two of the numbers 0 to 5 with a comma between them, not "${zones}".`,
    );
  }
  return zones.map(Number);
}

function fetchSettings(node: Node, longest: number): FetchSettings {
  return {
    userAgent: userAgent(node, 'fetchUserAgent'),
    deadlineSeconds: wholeNumber(node, 'fetchDeadlineSeconds', { min: 5, max: longest }),
    connectSeconds: wholeNumber(node, 'fetchConnectSeconds', { min: 1, max: 30 }),
    idleSeconds: wholeNumber(node, 'fetchIdleSeconds', { min: 1, max: MAX_DEADLINE_SECONDS }),
    retries: wholeNumber(node, 'fetchRetries', { min: 0, max: 10 }),
    ports: portList(node, 'fetchPorts'),
  };
}

function userAgent(node: Node, name: string): string {
  const value: unknown = node.tryGetContext(name);
  // What a header may hold, and no line break in it.
  if (typeof value !== 'string' || !/^[!-~](?:[ -~]{0,198}[!-~])?$/.test(value)) {
    throw new SettingError(
      `Context value "${name}" has to be 1 to 200 characters of ASCII, not ${JSON.stringify(value)}.`,
    );
  }
  return value;
}

function portList(node: Node, name: string): number[] {
  const text = String(node.tryGetContext(name) ?? '');
  const ports = text.split(',').map((port) => port.trim());
  if (!ports.every((port) => /^[1-9]\d{0,4}$/.test(port) && Number(port) < 65_536)) {
    throw new SettingError(`Context value "${name}" has to be ports with commas between them, not "${text}".`);
  }
  atMost(LONGEST_PORTS, name, ports.join(','));
  return ports.map(Number);
}

function list(node: Node, name: string): string[] {
  const value: unknown = node.tryGetContext(name) ?? '';
  if (typeof value !== 'string') throw new SettingError(`Context value "${name}" has to be text, with commas in it.`);
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function hostList(node: Node, name: string): string[] {
  const hosts = list(node, name);
  atMost(LONGEST_HOSTS, name, hosts.join(','));
  const wrong = hosts.find((host) => !isHost(host));
  if (wrong === undefined) return hosts;
  throw new SettingError(
    `Context value "${name}" has to be hosts with commas between them, as 10.0.0.7 or files.internal:8080, not "${wrong}".`,
  );
}

/** As `adapters/fetch/address-guard.ts` takes it, which would refuse every URL for one that it cannot read. */
function isHost(text: string): boolean {
  const isAddress = /^[0-9a-f:.]+$/i.test(text) && text.split(':').length > 2;
  return /^[^\s/\\@?#*]*[^\s/\\@?#*:]$/.test(text) && URL.canParse(`http://${isAddress ? `[${text}]` : text}/`);
}

/** As `adapters/forward/upstream-url.ts` takes it. Not repeated in the error: what is refused in it may be a password. */
function serviceUrl(node: Node, name: string): URL | undefined {
  const value: unknown = node.tryGetContext(name) ?? '';
  if (value === '') return undefined;
  const url = typeof value === 'string' ? URL.parse(value) : null;
  const plain = url && [url.username, url.password, url.search, url.hash].every((part) => part === '');
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new SettingError(
      `Context value "${name}" has to be an http or https URL without a user name, password, query or fragment.`,
    );
  }
  atMost(LONGEST_UPSTREAM, name, url.href);
  return url;
}

function text(node: Node, name: string): string {
  const value: unknown = node.tryGetContext(name) ?? '';
  if (typeof value !== 'string' || !/^[^\s#]+$/.test(value)) {
    throw new SettingError(`Context value "${name}" has to be text without blanks or a "#", not "${String(value)}".`);
  }
  return value;
}

/** Whether it exists is seen by the mail that SNS sends there, which has to be confirmed. */
function mailAddress(node: Node, name: string): string | undefined {
  const value: unknown = node.tryGetContext(name) ?? '';
  if (value === '') return undefined;
  if (typeof value !== 'string' || !/^[^\s@]+@[^\s@]+$/.test(value)) {
    throw new SettingError(`Context value "${name}" has to be a mail address, not "${String(value)}".`);
  }
  return value;
}

function socketAuth(node: Node): Settings['socketAuth'] {
  const value: unknown = node.tryGetContext('socketAuth');
  if (value === 'channel' || value === 'token') return value;
  throw new SettingError(`Context value "socketAuth" has to be "channel" or "token", not "${String(value)}".`);
}

/** As browsers send them: with the port where it is not the usual one, and nothing behind it. */
function originList(node: Node, name: string): string[] {
  const origins = list(node, name);
  atMost(LONGEST_ORIGINS, name, origins.join(','));
  const wrong = origins.find(
    (origin) => !/^https?:$/.test(URL.parse(origin)?.protocol ?? '') || new URL(origin).origin !== origin.toLowerCase(),
  );
  if (wrong === undefined) return origins.map((origin) => origin.toLowerCase());
  throw new SettingError(
    `Context value "${name}" has to be origins such as "https://page.example.com", with commas between them, not "${wrong}".`,
  );
}
