import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotWriteError } from './cannot-write.ts';
import type { FaultCommand } from './faults/command.ts';
import { FaultError } from './faults/fault.ts';
import { FAULT_HELP, parseFaultArguments } from './faults/fault-arguments.ts';
import { acquireLock, LockedError } from './process-lock.ts';
import { readRunning } from './running-file.ts';

const STATE_DIR = process.env.LOCAL_STATE_DIR ?? fileURLToPath(new URL('../.local', import.meta.url));

/** What is in the running file may still be of an earlier start, that was killed. */
const STARTING = 'The service is just starting. Try again when it is ready.';

async function send(command: FaultCommand): Promise<string> {
  if (!(await isRunning())) throw new FaultError('The service is not running here. Start it first: npm start');
  const running = await readRunning(STATE_DIR);
  if (!running?.faultsUrl) throw new FaultError(STARTING);
  const response = await fetch(running.faultsUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(command),
  }).catch((cause) => {
    throw new FaultError(STARTING, { cause });
  });
  const { message, error } = (await response.json()) as { message?: string; error?: string };
  if (message === undefined) throw new FaultError(error ?? `The running service answered ${response.status}.`);
  return message;
}

async function isRunning(): Promise<boolean> {
  try {
    await using _lock = await acquireLock(join(STATE_DIR, 'lock'));
    return false;
  } catch (error) {
    if (error instanceof LockedError) return true;
    throw error;
  }
}

try {
  const command = parseFaultArguments(process.argv.slice(2));
  console.log(command === undefined ? FAULT_HELP : await send(command));
} catch (error) {
  const ours = error instanceof FaultError || error instanceof CannotWriteError;
  console.error(ours ? error.message : error);
  process.exitCode = error instanceof FaultError ? 2 : 1;
}
