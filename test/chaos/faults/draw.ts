import type { Fault } from '../../../local/faults/fault.ts';
import type { Random } from '../random.ts';
import type { FaultAction } from './plan.ts';

type Call = Pick<Fault, 'service' | 'operation' | 'function'>;

/** Where a function is to die: its calls, each as likely as the other. */
function callsOf(name: string, calls: readonly (readonly [Fault['service'], string])[]): Call[] {
  return calls.map(([service, operation]) => ({ service, operation, function: name }));
}

export const SUBSCRIBER_CRASHES = callsOf('subscriber', [
  ['redis', 'EVALSHA'],
  ['redis', 'XREADGROUP'],
  ['connections', 'POST'],
  ['connections', 'DELETE'],
  ['dynamodb', 'Query'],
]);

export const PROCESS_CRASHES = callsOf('process', [
  ['dynamodb', 'UpdateItem'],
  ['dynamodb', 'UpdateItem'],
  ['redis', 'EVALSHA'],
  ['redis', 'EVALSHA'],
  ['s3', 'GetObject'],
  ['s3', 'PutObject'],
  ['lambda', 'InvokeWithResponseStream'],
]);

export const SWEEPER_CRASHES = callsOf('sweeper', [
  ['dynamodb', 'Query'],
  ['dynamodb', 'UpdateItem'],
  ['redis', 'EVALSHA'],
  ['sqs', 'SendMessage'],
]);

export const SERVICE_CRASHES = [
  ...callsOf('upload-source', [
    ['dynamodb', 'UpdateItem'],
    ['s3', 'PutObject'],
    ['sqs', 'SendMessage'],
  ]),
  ...callsOf('connect', [
    ['dynamodb', 'PutItem'],
    ['redis', 'EVALSHA'],
    ['dynamodb', 'GetItem'],
  ]),
  ...callsOf('message', [
    ['dynamodb', 'Query'],
    ['redis', 'EVALSHA'],
  ]),
  ...callsOf('ws-address', [['dynamodb', 'UpdateItem']]),
  ...callsOf('disconnect', [['dynamodb', 'Query']]),
  ...callsOf('fetch', [['s3', 'PutObject']]),
];

export function drawCrash(random: Random, calls: readonly Call[]): FaultAction {
  const kind = random.chance(0.5) ? 'crash-before' : 'crash-after';
  return { do: 'crash', fault: { ...random.pick(calls), kind, times: 1 } };
}

/** What happens to the calls of one service for some seconds. */
const SERVICES: Readonly<Record<Fault['service'], readonly Partial<Fault>[]>> = {
  dynamodb: [{}, {}, { operation: 'UpdateItem' }, { operation: 'Query' }, { operation: 'GetItem' }],
  s3: [{}, { operation: 'PutObject' }, { operation: 'GetObject' }],
  sqs: [{}, { operation: 'SendMessage' }, { operation: 'ChangeMessageVisibility' }],
  lambda: [{}, { operation: 'Invoke' }, { operation: 'InvokeWithResponseStream' }],
  connections: [{}, { operation: 'POST' }, { operation: 'DELETE' }],
  redis: [{}, { operation: 'EVALSHA' }, { operation: 'XREADGROUP' }],
};

const CODES: Readonly<Record<Fault['service'], readonly string[]>> = {
  dynamodb: ['InternalServerError', 'ProvisionedThroughputExceededException', 'ThrottlingException'],
  s3: ['SlowDown', 'InternalError'],
  sqs: ['ServiceUnavailable', 'InternalError'],
  lambda: ['TooManyRequestsException', 'ServiceException'],
  connections: ['InternalServerErrorException', 'GoneException', 'LimitExceededException'],
  redis: ['LOADING', 'READONLY', 'ERR'],
};

const KINDS = ['error', 'error', 'delay', 'lose', 'lose', 'drop', 'hang'] as const;

export function drawBurst(random: Random, redis: 'server' | 'embedded'): FaultAction {
  if (redis === 'server' && random.chance(0.05)) return { do: 'redis-stop', ms: random.whole(500, 4_000) };
  const service = random.pick(Object.keys(SERVICES) as Fault['service'][]);
  const kind = random.pick(KINDS);
  const fault: Fault = {
    service,
    kind,
    ...random.pick(SERVICES[service]),
    rate: random.pick([0.1, 0.3, 0.6, 1]),
    ...(kind === 'error' && { code: random.pick(CODES[service]) }),
    ...(kind === 'delay' && { ms: random.whole(100, 3_000) }),
  };
  return { do: 'burst', fault, ms: random.whole(500, 4_000) };
}
