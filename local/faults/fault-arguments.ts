import { parseArgs } from 'node:util';
import type { FaultCommand } from './command.ts';
import { FAULT_KINDS, FAULT_SERVICES, type Fault, FaultError, type FaultKind, type FaultService } from './fault.ts';
import { REDIS_ACTIONS, type RedisAction } from './faults.ts';

export const FAULT_HELP = `npm run fault -- <service> <kind> [options]
npm run fault -- list | clear [<id>]
npm run fault -- kill <function> [--all]
npm run fault -- redis lose | kill | stop | continue
npm run fault -- sockets drop [--no-disconnect]

Makes the service that runs here (npm start) fail. Faults are in memory: a restart begins without any.

Services: dynamodb, s3, sqs, lambda (functions that invoke functions), connections (posts to sockets), redis

Kinds
  error                answered with an error of the service; nothing is done
  delay                carried out after --ms
  hang                 not answered until the fault is cleared; nothing is done
  drop                 the connection is broken; nothing is done
  lose                 carried out, then the connection is broken without the answer
  crash-before         the process of the calling function is killed; nothing is done
  crash-after          carried out, then the process of the calling function is killed

Options
  --code <name|status>   which error, e.g. ThrottlingException, 500, READONLY
  --ms <n>               of a delay
  --operation <name>     only these calls: UpdateItem, PutObject, SendMessage, Invoke, POST, XREADGROUP …
  --function <name>      only calls of this function, e.g. process
  --rate <0..1>          only this share of the calls
  --times <n>            only so many calls, then it clears itself
  --seconds <n>          for so long, then it clears itself

Actions
  kill <function>        kills one process of the function in which an invocation runs; with --all each that there is
  redis lose             all data of the service in Redis is gone (with --operation or another option it is the kind above)
  redis kill             the Redis server is killed, and started again with its data
  redis stop, continue   the Redis server is suspended until it may go on
  sockets drop           every WebSocket is cut without a close frame

Examples
  npm run fault -- dynamodb error --operation UpdateItem --rate 0.2 --seconds 30
  npm run fault -- sqs lose --operation SendMessage --function upload-source --times 1
  npm run fault -- redis hang --operation EVALSHA
  npm run fault -- kill process
`;

const TRY = 'Try: npm run fault -- --help';

/** @returns undefined where only the help is asked for. @throws FaultError */
export function parseFaultArguments(args: readonly string[]): FaultCommand | undefined {
  const { values, positionals } = parse(args);
  const { help, ...options } = values;
  if (help || args.length === 0) return undefined;
  const [first, second, ...more] = positionals;
  if (more.length > 0) throw new FaultError(`"${more[0]}" is one word too many. ${TRY}`);
  if (first === 'list') return only(options, [], second, { command: 'list' });
  if (first === 'clear') return only(options, [], undefined, { command: 'clear', ...idOf(second) });
  if (first === 'kill') return only(options, ['all'], undefined, killOf(second, options.all));
  if (first === 'sockets') {
    if (second !== 'drop') throw new FaultError(`Sockets can be dropped: npm run fault -- sockets drop`);
    return only(options, ['no-disconnect'], undefined, { command: 'sockets', disconnect: !options['no-disconnect'] });
  }
  // `lose` is a kind too, and as such it is about some calls only.
  const isFault = second === 'lose' && Object.keys(options).length > 0;
  if (first === 'redis' && isRedisAction(second) && !isFault) {
    return only(options, [], undefined, { command: 'redis', action: second });
  }
  return { command: 'set', fault: faultOf(first, second, options) };
}

const OPTIONS = {
  code: { type: 'string' },
  ms: { type: 'string' },
  operation: { type: 'string' },
  function: { type: 'string' },
  rate: { type: 'string' },
  times: { type: 'string' },
  seconds: { type: 'string' },
  all: { type: 'boolean' },
  'no-disconnect': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Options = Omit<ReturnType<typeof parse>['values'], 'help'>;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new FaultError(`${(cause as Error).message.split(/\.\s/)[0]}. ${TRY}`, { cause });
  }
}

function only(
  options: Options,
  allowed: readonly (keyof Options)[],
  surplus: string | undefined,
  command: FaultCommand,
): FaultCommand {
  const wrong = Object.keys(options).find((name) => !allowed.includes(name as keyof Options));
  if (wrong !== undefined) throw new FaultError(`--${wrong} does not go with ${command.command}. ${TRY}`);
  if (surplus !== undefined) throw new FaultError(`"${surplus}" is one word too many. ${TRY}`);
  return command;
}

function idOf(text: string | undefined): { id?: number } {
  if (text === undefined) return {};
  if (/^#?\d+$/.test(text)) return { id: Number(text.replace('#', '')) };
  throw new FaultError(`A fault is cleared by its number, not "${text}". See: npm run fault -- list`);
}

function killOf(name: string | undefined, all = false): FaultCommand {
  if (name === undefined) throw new FaultError('Which function? For example: npm run fault -- kill process');
  return { command: 'kill', function: name, all };
}

function isRedisAction(word: string | undefined): word is RedisAction {
  return REDIS_ACTIONS.some((action) => action === word);
}

/** The service and the kind are looked at here and in the running service: here so that a wrong word is said without one. */
function faultOf(service: string | undefined, kind: string | undefined, options: Options): Fault {
  if (!FAULT_SERVICES.some((each) => each === service)) {
    const commands = 'list, clear, kill, sockets';
    throw new FaultError(
      `"${service}" is neither a service (${FAULT_SERVICES.join(', ')}) nor one of ${commands}. ${TRY}`,
    );
  }
  if (!FAULT_KINDS.some((each) => each === kind)) {
    const actions = service === 'redis' ? `, ${REDIS_ACTIONS.join(', ')}` : '';
    const given = kind === undefined ? 'What should happen is missing' : `There is no "${kind}"`;
    throw new FaultError(`${given}: it is one of ${FAULT_KINDS.join(', ')}${actions}. ${TRY}`);
  }
  const { all, 'no-disconnect': noDisconnect, rate, times, seconds, ms, ...texts } = options;
  if (all) throw new FaultError(`--all goes with kill only. ${TRY}`);
  if (noDisconnect) throw new FaultError(`--no-disconnect goes with "sockets drop" only. ${TRY}`);
  const given = Object.entries({ rate, times, seconds, ms }).filter(([, text]) => text !== undefined);
  const numbers = given.map(([name, text]) => [name, numberOf(name, text!)]);
  return { service: service as FaultService, kind: kind as FaultKind, ...texts, ...Object.fromEntries(numbers) };
}

function numberOf(name: string, text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new FaultError(`--${name} has to be a number, not "${text}".`);
}
