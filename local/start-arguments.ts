import { parseArgs } from 'node:util';
import type { RedisChoice } from './redis/start-redis.ts';

export interface StartArguments {
  readonly port: number;
  readonly fresh: boolean;
  readonly help: boolean;
  /** CDK context. */
  readonly context: Readonly<Record<string, string>>;
  readonly redis?: RedisChoice;
}

/** The command was called in a way that makes no sense; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'USAGE';
}

export const DEFAULT_PORT = 8811;

export const START_HELP = `npm start -- [options]

Runs the whole service on this machine, from its synthesized CloudFormation templates.

  --port <n>                   port of the service (default ${DEFAULT_PORT})
  --fresh                      first forget all that earlier runs kept: records, files, queues
  --allow-fetch-hosts <a,b>    hosts that may be fetched although they are not public, e.g. 127.0.0.1
  --upstream <url>             forward sources to this service, instead of taking their text here: docs/upstream.md
  --socket-auth <channel|token> who may open a socket: whoever knows its channel (default), or was given a token in its address
  --redis <embedded|server>    default: REDIS_URL, else valkey-server or redis-server on the PATH, else the embedded one
  --help                       this text
`;

/** @throws UsageError */
export function parseStartArguments(args: readonly string[]): StartArguments {
  const values = parse(args);
  return {
    port: portOf(values.port),
    fresh: values.fresh,
    help: values.help,
    context: contextOf(values),
    redis: redisOf(values.redis),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: String(DEFAULT_PORT) },
        fresh: { type: 'boolean', default: false },
        'allow-fetch-hosts': { type: 'string' },
        upstream: { type: 'string' },
        'socket-auth': { type: 'string' },
        redis: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (cause) {
    // The rest of node's message explains how to pass a positional argument: there are none.
    throw new UsageError(`${(cause as Error).message.split(/\.\s/)[0]}.`, { cause });
  }
}

/** As they are: the CDK app looks at them, and its refusal is told. */
function contextOf(values: ReturnType<typeof parse>): StartArguments['context'] {
  const { 'allow-fetch-hosts': allowFetchHosts, upstream: upstreamUrl, 'socket-auth': socketAuth } = values;
  return {
    ...(allowFetchHosts !== undefined && { allowFetchHosts }),
    ...(upstreamUrl !== undefined && { upstreamUrl }),
    ...(socketAuth !== undefined && { socketAuth }),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new UsageError(`--port has to be a number from 0 to 65535, not "${text}".`);
  return port;
}

function redisOf(text: string | undefined): RedisChoice | undefined {
  if (text === undefined || text === 'embedded' || text === 'server') return text;
  throw new UsageError(`--redis has to be "embedded" or "server", not "${text}".`);
}
