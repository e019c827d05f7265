import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { banner } from './banner.ts';
import { cannotWrite } from './cannot-write.ts';
import { acquireLock, LockedError } from './process-lock.ts';
import { waitUntilAnswering } from './readiness.ts';
import { readRunning } from './running-file.ts';
import { parseStartArguments, START_HELP, type StartArguments, UsageError } from './start-arguments.ts';

/** Overridden by the tests, which start several at once. */
const STATE_DIR = process.env.LOCAL_STATE_DIR ?? fileURLToPath(new URL('../.local', import.meta.url));

/** What a shell reports for a program that ended by Ctrl-C. */
const FORCED = 130;

/** npm passes on a Ctrl-C that the terminal has sent to this process already: the two are one. */
const SAME_SIGNAL_MS = 500;

const stopping = new AbortController();
let stoppingSince = 0;

function stopOnSignal(): void {
  if (stopping.signal.aborted && performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(FORCED);
  stoppingSince ||= performance.now();
  stopping.abort();
}

async function main(args: StartArguments): Promise<void> {
  if (args.fresh) await forgetState();
  // Loaded late: a wrong option, or a service that runs already, is said at once.
  const [{ startLocalStack }, log] = await Promise.all([import('./stack.ts'), import('./log.ts')]);
  using files = log.fileLog(join(STATE_DIR, 'logs'));
  await using stack = await startLocalStack({
    port: args.port,
    stateDir: STATE_DIR,
    context: args.context,
    redis: args.redis,
    log: log.combinedLog(files, log.consoleLog()),
    signal: stopping.signal,
    onSynth: () => console.log('Synthesizing the templates: they are new, or what they are made of has changed …'),
  });
  await waitUntilAnswering(stack.url, stopping.signal);
  const facts = {
    url: stack.url,
    redis: stack.redis.description,
    upstream: args.context.upstreamUrl,
    tokens: args.context.socketAuth === 'token',
  };
  console.log(banner({ ...facts, seconds: performance.now() / 1000 }));
  // After the banner: all functions starting at once would only have made it later.
  void stack.lambda.prewarm().catch((error: unknown) => files.warn('lambda', `prewarm: ${error}`));
  await new Promise<void>((resolve) => {
    if (stopping.signal.aborted) resolve();
    else stopping.signal.addEventListener('abort', () => resolve());
  });
  console.log('Stopping …');
}

async function forgetState(): Promise<void> {
  const lock = await acquireLock(join(STATE_DIR, 'lock'));
  await rm(STATE_DIR, { recursive: true, force: true });
  await lock[Symbol.asyncDispose]();
}

/** Refused here, or by the CDK app. */
function isUsage(error: unknown): error is Error {
  return error instanceof UsageError || (error as { code?: unknown }).code === 'SETTING_REFUSED';
}

/** One sentence where it is the caller's to solve, the whole error where it is ours. */
async function explain(error: unknown): Promise<string> {
  if (isUsage(error)) return `${error.message} Try: npm start -- --help`;
  if (error instanceof LockedError) {
    const where = (await readRunning(STATE_DIR))?.url;
    return `The service already runs${where ? ` at ${where}` : ''} (process ${error.pid}). Stop it first: Ctrl-C where it runs.`;
  }
  const code = (error as { code?: unknown }).code;
  if (code === 'PORT_IN_USE') return `${(error as Error).message} For example: npm start -- --port 8812`;
  // The codes of our own errors; those of node begin so, and nobody wrote their messages for this place.
  if (typeof code === 'string' && !/^(E[A-Z]+$|ERR_)/.test(code)) return (error as Error).message;
  const refused = cannotWrite(error); // a file in a folder that is ours
  if (refused) return refused.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.on('SIGINT', stopOnSignal);
process.on('SIGTERM', stopOnSignal);

try {
  const args = parseStartArguments(process.argv.slice(2));
  if (args.help) console.log(START_HELP);
  else await main(args);
} catch (error) {
  if (!stopping.signal.aborted) {
    console.error(await explain(error));
    process.exitCode = isUsage(error) ? 2 : 1;
  }
}
