import { type Fault, FaultError } from './fault.ts';
import { type Faults, REDIS_ACTIONS, type RedisAction } from './faults.ts';
import type { FaultState } from './registry.ts';

/** What `npm run fault` sends to the running service. */
export type FaultCommand =
  | { readonly command: 'set'; readonly fault: Fault }
  | { readonly command: 'list' }
  | { readonly command: 'clear'; readonly id?: number }
  | { readonly command: 'kill'; readonly function: string; readonly all?: boolean }
  | { readonly command: 'redis'; readonly action: RedisAction }
  | { readonly command: 'sockets'; readonly disconnect?: boolean };

/** Carries it out. @returns what was done, for a person. @throws FaultError */
export async function runCommand(faults: Faults, command: FaultCommand): Promise<string> {
  switch (command.command) {
    case 'set':
      return `Set: ${describe(faults.set(command.fault))}`;
    case 'list':
      return faults.list().map(describe).join('\n') || 'No fault is set.';
    case 'clear':
      return cleared(faults.clear(command.id), command.id);
    case 'kill':
      return killed(faults.kill(command.function, { all: command.all === true }), command);
    case 'redis':
      if (!REDIS_ACTIONS.includes(command.action)) break;
      await faults.redis(command.action);
      return REDIS_DONE[command.action];
    case 'sockets':
      return `${count(faults.dropSockets({ disconnect: command.disconnect !== false }), 'WebSocket')} cut.`;
  }
  throw new FaultError('There is no such command.');
}

const REDIS_DONE: Readonly<Record<RedisAction, string>> = {
  lose: 'Redis has lost all its data.',
  kill: 'Redis was killed. It is started again at once, and takes writes after about two seconds.',
  stop: 'Redis is stopped: connections are taken, and nothing is answered until "redis continue".',
  continue: 'Redis goes on.',
};

/** `#1 dynamodb error ThrottlingException, operation UpdateItem, rate 0.2: 3 calls hit` */
export function describe({ id, fault, hits, held }: FaultState): string {
  const { service, kind, code, ms, ...options } = fault;
  const head = [`#${id}`, service, kind, code, ms === undefined ? undefined : `${ms} ms`].filter(Boolean).join(' ');
  const rest = Object.entries(options).map(([name, value]) => `, ${name} ${value}`);
  return `${head}${rest.join('')}: ${count(hits, 'call')} hit${held > 0 ? `, ${held} hanging` : ''}`;
}

function cleared(number: number, id?: number): string {
  if (id === undefined) return number === 0 ? 'No fault was set.' : `${count(number, 'fault')} cleared.`;
  if (number === 0) throw new FaultError(`There is no fault ${id}. See: npm run fault -- list`);
  return `Fault ${id} cleared.`;
}

function killed(
  number: number,
  { function: name, all }: { readonly function: string; readonly all?: boolean },
): string {
  if (number > 0) return `${count(number, 'environment')} of ${name} killed.`;
  if (all) return `There is no environment of ${name} to kill.`;
  return `No invocation of ${name} is running, so nothing was killed. With --all its idle environments are killed too.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
