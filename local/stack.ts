import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock, systemClock } from './clock.ts';
import { startFaultControl } from './faults/control-api.ts';
import { listenOnLocalhost } from './http/loopback.ts';
import type { LocalLog } from './log.ts';
import { acquireLock } from './process-lock.ts';
import { type RedisChoice, startRedis } from './redis/start-redis.ts';
import { type Running, writeRunning } from './running-file.ts';
import type { RunningServices } from './services.ts';
import { defaultOutDir, LOCAL_CONTEXT, synthesize } from './synth.ts';

export interface LocalStackOptions {
  /** Of the front door; 0: any free port. All other services take free ones. */
  readonly port: number;
  /** Everything that outlives the stack; one stack at a time. */
  readonly stateDir: string;
  readonly log: LocalLog;
  /** CDK context, over the values of `cdk.json`. Default none. */
  readonly context?: Readonly<Record<string, string>>;
  /** Where the templates are, or are put. Default: a folder for this context. */
  readonly outDir?: string;
  /** Default: `REDIS_URL`, else a server of this machine, else the embedded one. */
  readonly redis?: RedisChoice;
  readonly clock?: Clock;
  /** Aborts the start; what has started by then is stopped. */
  readonly signal?: AbortSignal;
  /** Called where the templates have to be made anew, which takes seconds. */
  readonly onSynth?: () => void;
}

export interface LocalStack extends RunningServices, AsyncDisposable {}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs the synthesized templates on this machine: what they declare, and only that, exists.
 * @throws LockedError, CannotWriteError, PortInUseError, RedisStartError, SynthError, TemplateError
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { stateDir, log, clock = systemClock } = options;
  // Stopped in reverse order, also where the start fails half-way.
  await using starting = new AsyncDisposableStack();
  starting.use(await acquireLock(join(stateDir, 'lock')));
  await requireFreePort(options.port);
  // A real server takes no writes in its first two seconds: they pass while all the rest starts.
  const redis = startRedis({ prefer: options.redis, env: process.env, stateDir, clock, log });
  starting.defer(async () => (await redis.catch(() => undefined))?.[Symbol.asyncDispose]());
  const noRedis = new AbortController();
  redis.catch((error) => noRedis.abort(error));
  const signal = AbortSignal.any([noRedis.signal, ...(options.signal ? [options.signal] : [])]);

  const outDir = await bringTemplatesUpToDate({ ...options, signal });
  const { startServices } = await import('./services.ts');
  const started = await startServices(starting, { ...options, clock, outDir, redis, signal });
  const faultControl = starting.use(await startFaultControl(started.faults));
  starting.use(await writeRunning(stateDir, factsOf(started, faultControl.url)));
  signal.throwIfAborted();
  const running = starting.move();
  return { ...started, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function factsOf({ url, lambda, endpoints, functions, template }: RunningServices, faultsUrl: string): Running {
  const textOf = (values: ReadonlyMap<string, unknown>) =>
    Object.fromEntries([...values].map(([name, value]) => [name, String(value)]));
  return {
    pid: process.pid,
    url,
    lambdaUrl: lambda.url,
    faultsUrl,
    dynamodbUrl: endpoints.dynamodb,
    sqsUrl: endpoints.sqs,
    outputs: Object.fromEntries([...template.outputs].map(([stack, values]) => [stack, textOf(values)])),
    functions: Object.fromEntries([...functions].map(([name, { name: physicalName }]) => [name, physicalName])),
  };
}

/** Said before anything is waited for, though the port is taken last, when all that is behind it answers. */
async function requireFreePort(port: number): Promise<void> {
  await using _listening = await listenOnLocalhost(createServer, port);
}

async function bringTemplatesUpToDate({ signal, onSynth, ...options }: LocalStackOptions): Promise<string> {
  const context = { ...LOCAL_CONTEXT, ...options.context };
  const outDir = options.outDir ?? defaultOutDir(ROOT, context);
  await synthesize({ root: ROOT, outDir, context, signal, onStart: onSynth });
  return outDir;
}
