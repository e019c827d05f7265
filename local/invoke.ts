import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCredentialStore } from './iam/credentials.ts';
import { claimOf } from './iam/signature-v4.ts';
import type { InvokeResult } from './lambda/lambda-service.ts';
import { acquireLock, LockedError } from './process-lock.ts';
import { readRunning } from './running-file.ts';

const STATE_DIR = process.env.LOCAL_STATE_DIR ?? fileURLToPath(new URL('../.local', import.meta.url));

const HELP = `npm run invoke -- <function> <event file>

Invokes one function and prints its answer, for example: npm run invoke -- ws-address events/ws-address.json
Uses the running service if there is one, else starts what the function needs and stops it again.
`;

/** Its secret is there only where it is used, as in the templates. */
const OF_TOKENS = 'rotate-socket-key';

class InvokeError extends Error {
  override readonly name = 'InvokeError';
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(HELP);
    return 0;
  }
  const [name, file, ...more] = args;
  if (name === undefined || file === undefined || more.length > 0) {
    console.error(HELP);
    return 2;
  }
  const event = await readEvent(file);
  const { functionError, payload } = (await isRunning())
    ? await invokeRunning(name, event)
    : await invokeAlone(name, event);
  console.log(pretty(payload));
  return functionError ? 1 : 0;
}

async function readEvent(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new InvokeError(`${file} cannot be read as JSON: ${(cause as Error).message}`);
  }
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

async function invokeRunning(name: string, event: unknown): Promise<InvokeResult> {
  const running = await readRunning(STATE_DIR);
  if (!running) throw new InvokeError('The service is just starting. Try again when it is ready.');
  const physicalName = known(name, new Map(Object.entries(running.functions)));
  const url = `${running.lambdaUrl}/2015-03-31/functions/${physicalName}/invocations`;
  const { root } = await openCredentialStore(STATE_DIR);
  const headers = { authorization: claimOf(root.accessKeyId, 'lambda') };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event) });
  const payload = await response.text();
  if (!response.ok) throw new InvokeError(`The running service answered ${response.status}: ${payload}`);
  return { payload, ...(response.headers.has('x-amz-function-error') && { functionError: 'Unhandled' }) };
}

async function invokeAlone(name: string, event: unknown): Promise<InvokeResult> {
  const [{ startLocalStack }, { consoleLog }] = await Promise.all([import('./stack.ts'), import('./log.ts')]);
  const log = { ...consoleLog(), line: (source: string, text: string) => console.error(`[${source}] ${text}`) };
  await using stack = await startLocalStack({ port: 0, stateDir: STATE_DIR, redis: 'embedded', log });
  const names = new Map([...stack.functions].map(([short, config]) => [short, config.name]));
  return await stack.lambda.invoke(known(name, names), event);
}

function known(name: string, functions: ReadonlyMap<string, string>): string {
  const physicalName = functions.get(name);
  if (physicalName !== undefined) return physicalName;
  const others = `There are: ${[...functions.keys()].join(', ')}.`;
  if (name === OF_TOKENS)
    throw new InvokeError(
      `The function ${name} is there only where sockets want tokens: run npm start -- --socket-auth token, and this beside it. ${others}`,
    );
  throw new InvokeError(`There is no function ${name}. ${others}`);
}

function pretty(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), undefined, 2);
  } catch {
    return payload;
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { code } = error as { code?: unknown };
  const ours = error instanceof InvokeError || typeof code === 'string';
  console.error(ours ? (error as Error).message : error);
  process.exitCode = 1;
}
