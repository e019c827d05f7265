import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRestApi } from './apigateway/rest-api.ts';
import { startWebSocketApi } from './apigateway/websocket-api.ts';
import { type Clock, systemClock } from './clock.ts';
import { startDistribution } from './cloudfront/distribution.ts';
import { type DataServices, startDataServices } from './data-services.ts';
import { startSchedule } from './eventbridge/schedule.ts';
import { HostTable } from './host-table.ts';
import { type CredentialStore, type Credentials, openCredentialStore } from './iam/credentials.ts';
import type { FunctionConfig } from './lambda/function-config.ts';
import { type LambdaService, startLambdaService } from './lambda/lambda-service.ts';
import { startSqsEventSource } from './lambda/sqs-event-source.ts';
import type { LocalLog } from './log.ts';
import { acquireLock } from './process-lock.ts';
import type { RedisChoice } from './redis/start-redis.ts';
import { writeRunning } from './running-file.ts';
import { readObject } from './s3-sqs/origin-access.ts';
import { startAll } from './start-all.ts';
import { defaultOutDir, synthesize } from './synth.ts';
import { readCloudAssembly } from './template/cloud-assembly.ts';
import { RESOURCE_TYPES } from './template/resource-types.ts';
import { resolveTemplate, type Template } from './template/template.ts';
import { restApi } from './template/types/apigateway.ts';
import { executeApiHost, webSocketApi } from './template/types/apigatewayv2.ts';
import { distributionDeclaration } from './wiring/distribution.ts';
import { eventSourceDeclarations } from './wiring/event-sources.ts';
import { functionConfigs, type ServiceEndpoints, serviceFunctions, shortName } from './wiring/functions.ts';
import { restApiDeclarations } from './wiring/rest-api.ts';
import { scheduleDeclarations } from './wiring/schedules.ts';
import { webSocketApiDeclarations } from './wiring/websocket-api.ts';

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
  /** Starts an environment of each function ahead of its first use. Default true. */
  readonly prewarm?: boolean;
  readonly clock?: Clock;
  /** Aborts the start; what has started by then is stopped. */
  readonly signal?: AbortSignal;
  /** Called where the templates have to be made anew, which takes seconds. */
  readonly onSynth?: () => void;
}

export interface LocalStack extends AsyncDisposable {
  /** `http://localhost:<port>` */
  readonly url: string;
  readonly endpoints: ServiceEndpoints & { readonly restApi: string; readonly webSocketApi: string };
  /** May do everything; for tests. */
  readonly credentials: Credentials;
  readonly lambda: LambdaService;
  /** By their names for people, which are those of the files in `lambdas/`. */
  readonly functions: ReadonlyMap<string, FunctionConfig>;
  readonly template: Template;
  readonly redis: DataServices['redis'];
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs the synthesized templates on this machine: what they declare, and only that, exists.
 * @throws LockedError, PortInUseError, SynthError, TemplateError
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  // Stopped in reverse order, also where the start fails half-way.
  await using starting = new AsyncDisposableStack();
  await mkdir(options.stateDir, { recursive: true });
  starting.use(await acquireLock(join(options.stateDir, 'lock')));
  const started = await startServices(starting, options, await loadTemplate(options));
  const { url, lambda, functions } = started;
  const names = Object.fromEntries([...functions].map(([name, { name: physicalName }]) => [name, physicalName]));
  starting.use(
    await writeRunning(options.stateDir, { pid: process.pid, url, lambdaUrl: lambda.url, functions: names }),
  );
  options.signal?.throwIfAborted();
  const running = starting.move();
  return { ...started, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function loadTemplate({
  context = {},
  outDir = defaultOutDir(ROOT, context),
  signal,
  onSynth,
}: LocalStackOptions): Promise<Template> {
  await synthesize({ root: ROOT, outDir, context, signal, onStart: onSynth });
  return resolveTemplate(await readCloudAssembly(outDir), RESOURCE_TYPES);
}

async function startServices(
  running: AsyncDisposableStack,
  options: LocalStackOptions,
  template: Template,
): Promise<Omit<LocalStack, typeof Symbol.asyncDispose>> {
  const { stateDir, log, clock = systemClock, signal } = options;
  const { region, accountId } = template.environment;
  const hosts = new HostTable();
  const credentials = await openCredentialStore(stateDir);
  const data = await startDataServices(running, {
    template,
    hosts,
    credentials,
    stateDir,
    clock,
    log,
    redis: options.redis,
  });
  signal?.throwIfAborted();
  // After the data, so that it is stopped before: a function that still runs would ask a service that is gone.
  const lambda = running.use(await startLambdaService({ clock, log, region, accountId }));
  const apis = await startApis(running, template, { hosts, lambda, clock, log });
  const endpoints = {
    dynamodb: data.dynamodb.url,
    s3: data.s3Sqs.url,
    sqs: data.s3Sqs.url,
    lambda: lambda.url,
    ...apis,
  };
  const functions = registerFunctions(template, lambda, { hosts, endpoints, credentials });
  const door = running.use(
    await startDistribution({
      ...distributionDeclaration(template, hosts),
      port: options.port,
      fetchObject: async (bucket, key) => readObject(data.s3Sqs.objects, bucket, key),
      log,
    }),
  );
  startTriggers(running, template, { lambda, sqsUrl: data.s3Sqs.url, credentials: credentials.root, clock, log });
  // Nobody waits for it: a function that is needed before it is warm starts a little later.
  if (options.prewarm ?? true) void lambda.prewarm().catch((error: unknown) => log.warn('lambda', `prewarm: ${error}`));
  return { url: door.url, endpoints, credentials: credentials.root, lambda, functions, template, redis: data.redis };
}

interface Wiring {
  readonly lambda: LambdaService;
  readonly clock: Clock;
  readonly log: LocalLog;
}

/** The template has one API of each kind: the stack names them so. */
async function startApis(
  running: AsyncDisposableStack,
  template: Template,
  { hosts, ...wiring }: Wiring & { hosts: HostTable },
): Promise<{ restApi: string; webSocketApi: string }> {
  const [rest] = restApiDeclarations(template);
  const [webSocket] = webSocketApiDeclarations(template);
  const apis = await startAll(running, {
    restApi: startRestApi({ ...rest!, ...wiring }),
    webSocketApi: startWebSocketApi({ ...webSocket!, ...wiring }),
  });
  hosts.add(executeApiHost(template.of(restApi)[0]!), apis.restApi.url);
  hosts.add(executeApiHost(template.of(webSocketApi)[0]!), apis.webSocketApi.url);
  return { restApi: apis.restApi.url, webSocketApi: apis.webSocketApi.url };
}

function registerFunctions(
  template: Template,
  lambda: LambdaService,
  wiring: { hosts: HostTable; endpoints: ServiceEndpoints; credentials: CredentialStore },
): Map<string, FunctionConfig> {
  const configs = new Map(functionConfigs(template, wiring).map((config) => [config.name, config]));
  for (const config of configs.values()) lambda.register(config);
  return new Map(serviceFunctions(template).map((resource) => [shortName(resource), configs.get(resource.ref)!]));
}

function startTriggers(
  running: AsyncDisposableStack,
  template: Template,
  { sqsUrl, credentials, ...wiring }: Wiring & { sqsUrl: string; credentials: Credentials },
): void {
  for (const { queueName, ...declaration } of eventSourceDeclarations(template)) {
    const queueUrl = `${sqsUrl}/${template.environment.accountId}/${queueName}`;
    running.use(startSqsEventSource({ ...declaration, ...wiring, sqsEndpoint: sqsUrl, queueUrl, credentials }));
  }
  for (const declaration of scheduleDeclarations(template)) running.use(startSchedule({ ...declaration, ...wiring }));
}
