import type { AuthorizeManagement } from './apigateway/management-api.ts';
import { startRestApi } from './apigateway/rest-api.ts';
import { type RunningWebSocketApi, startWebSocketApi } from './apigateway/websocket-api.ts';
import type { Clock } from './clock.ts';
import { startDistribution } from './cloudfront/distribution.ts';
import { startDataServices } from './data-services.ts';
import { startSchedule } from './eventbridge/schedule.ts';
import { createFaults, type Faults } from './faults/faults.ts';
import type { HttpFaults } from './faults/http-faults.ts';
import { FaultRegistry } from './faults/registry.ts';
import { HostTable } from './host-table.ts';
import type { AccessControl } from './iam/access-control.ts';
import { type CredentialStore, type Credentials, openCredentialStore } from './iam/credentials.ts';
import type { FunctionConfig } from './lambda/function-config.ts';
import { type LambdaService, startLambdaService } from './lambda/lambda-service.ts';
import { RunningEnvironments } from './lambda/running-environments.ts';
import { startSqsEventSource } from './lambda/sqs-event-source.ts';
import type { LocalLog } from './log.ts';
import type { RunningRedis } from './redis/start-redis.ts';
import { readObject } from './s3-sqs/origin-access.ts';
import { startAll } from './start-all.ts';
import { readCloudAssembly } from './template/cloud-assembly.ts';
import { RESOURCE_TYPES } from './template/resource-types.ts';
import { resolveTemplate, type Template } from './template/template.ts';
import { restApi } from './template/types/apigateway.ts';
import { executeApiHost, webSocketApi } from './template/types/apigatewayv2.ts';
import { cacheHost } from './template/types/elasticache.ts';
import { authorizeInvocations, authorizeSockets } from './wiring/authorize.ts';
import { cacheUsers, theCache } from './wiring/cache.ts';
import { checkCacheLogin } from './wiring/cache-login.ts';
import { distributionDeclaration } from './wiring/distribution.ts';
import { eventSourceDeclarations } from './wiring/event-sources.ts';
import {
  type FunctionWiring,
  functionConfigs,
  type ServiceEndpoints,
  serviceFunctions,
  shortName,
} from './wiring/functions.ts';
import { restApiDeclarations } from './wiring/rest-api.ts';
import { createAccessControl, eventSourcePrincipal } from './wiring/roles.ts';
import { rotateNow, rotationDeclarations, startRotations } from './wiring/rotations.ts';
import { scheduleDeclarations } from './wiring/schedules.ts';
import { webSocketApiDeclarations } from './wiring/websocket-api.ts';

export interface ServicesOptions {
  readonly port: number;
  readonly stateDir: string;
  readonly outDir: string;
  /** Still starting. */
  readonly redis: Promise<RunningRedis>;
  readonly clock: Clock;
  readonly log: LocalLog;
  readonly signal: AbortSignal;
}

export interface RunningServices {
  /** `http://localhost:<port>` */
  readonly url: string;
  readonly endpoints: ServiceEndpoints & { readonly restApi: string; readonly webSocketApi: string };
  /** What each function may do, and what it was asked for. */
  readonly access: AccessControl;
  /** May do everything; for tests. */
  readonly credentials: Credentials;
  readonly lambda: LambdaService;
  /** By their names for people, which are those of the files in `lambdas/`. */
  readonly functions: ReadonlyMap<string, FunctionConfig>;
  readonly template: Template;
  readonly redis: RunningRedis;
  /** What can be made to fail while it runs. */
  readonly faults: Faults;
  /** Before their time. */
  rotateSecrets(): Promise<void>;
}

/** Starts each service after those that it needs, so that it is stopped before them. */
export async function startServices(running: AsyncDisposableStack, options: ServicesOptions): Promise<RunningServices> {
  const { stateDir, log, clock, signal } = options;
  const template = resolveTemplate(await readCloudAssembly(options.outDir), RESOURCE_TYPES);
  const { region, accountId } = template.environment;
  const hosts = new HostTable();
  const credentials = await openCredentialStore(stateDir);
  const access = createAccessControl(template, log);
  const names = new Map(serviceFunctions(template).map((resource) => [shortName(resource), resource.ref]));
  const registry = new FaultRegistry({ clock, functions: names });
  const httpFaults = { registry, environments: new RunningEnvironments() };
  const data = await startDataServices(running, {
    template,
    hosts,
    credentials,
    access,
    stateDir,
    clock,
    faults: httpFaults,
  });
  // A function that still runs would ask a service that is gone: so the functions stop before the data.
  const authorize = authorizeInvocations(access, credentials);
  const lambda = running.use(
    await startLambdaService({ clock, log, region, accountId, authorize, faults: httpFaults }),
  );
  const { dropSockets, ...apis } = await startApis(running, template, {
    hosts,
    lambda,
    clock,
    log,
    faults: httpFaults,
    authorizeManagement: authorizeSockets(access, credentials),
  });
  const redis = await options.redis;
  signal.throwIfAborted();
  const users = cacheUsers(template);
  await redis.setUsers(users);
  redis.checkLogins(checkCacheLogin({ access, credentials, clock, log, cache: theCache(template).ref, users }));
  hosts.add(cacheHost(theCache(template)), redis.url);
  const endpoints = {
    dynamodb: data.dynamodb.url,
    s3: data.s3Sqs.url,
    sqs: data.s3Sqs.url,
    lambda: lambda.url,
    secrets: data.secrets.url,
    ...apis,
  };
  const functions = registerFunctions(template, lambda, { hosts, endpoints, credentials, cacheUrl: redis.url });
  startTriggers(running, template, { lambda, sqsUrl: data.s3Sqs.url, credentials, clock, log });
  const rotations = rotationDeclarations(template);
  running.use(startRotations(rotations, { secrets: data.secrets, lambda, clock, log }));
  const fetchObject = async (bucket: string, key: string) => readObject(data.s3Sqs.objects, bucket, key);
  const declaration = distributionDeclaration(template, hosts);
  const door = running.use(await startDistribution({ ...declaration, port: options.port, fetchObject, log }));
  redis.join(httpFaults);
  const faults = createFaults({ ...httpFaults, functions: names, redis, dropSockets });
  // Before all others: nothing has to wait for what hangs, and no fault's time keeps the process.
  running.defer(() => void faults.clear());
  return {
    url: door.url,
    endpoints,
    access,
    credentials: credentials.root,
    lambda,
    functions,
    template,
    redis,
    faults,
    async rotateSecrets() {
      for (const each of rotations) await rotateNow(each, { secrets: data.secrets, lambda });
    },
  };
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
  {
    hosts,
    faults,
    authorizeManagement,
    ...wiring
  }: Wiring & { hosts: HostTable; faults: HttpFaults; authorizeManagement: AuthorizeManagement },
): Promise<Pick<RunningWebSocketApi, 'dropSockets'> & { restApi: string; webSocketApi: string }> {
  const [rest] = restApiDeclarations(template);
  const [webSocket] = webSocketApiDeclarations(template);
  const apis = await startAll(running, {
    restApi: startRestApi({ ...rest!, ...wiring }),
    webSocketApi: startWebSocketApi({ ...webSocket!, ...wiring, faults, authorizeManagement }),
  });
  hosts.add(executeApiHost(template.of(restApi)[0]!), apis.restApi.url);
  hosts.add(executeApiHost(template.of(webSocketApi)[0]!), apis.webSocketApi.url);
  const { dropSockets, url } = apis.webSocketApi;
  return { restApi: apis.restApi.url, webSocketApi: url, dropSockets };
}

function registerFunctions(
  template: Template,
  lambda: LambdaService,
  wiring: FunctionWiring,
): Map<string, FunctionConfig> {
  const configs = new Map(functionConfigs(template, wiring).map((config) => [config.name, config]));
  for (const config of configs.values()) lambda.register(config);
  return new Map(serviceFunctions(template).map((resource) => [shortName(resource), configs.get(resource.ref)!]));
}

function startTriggers(
  running: AsyncDisposableStack,
  template: Template,
  { sqsUrl, credentials, ...wiring }: Wiring & { sqsUrl: string; credentials: CredentialStore },
): void {
  for (const { queueName, ...declaration } of eventSourceDeclarations(template)) {
    const queueUrl = `${sqsUrl}/${template.environment.accountId}/${queueName}`;
    const own = credentials.issue(eventSourcePrincipal(declaration.functionName));
    running.use(startSqsEventSource({ ...declaration, ...wiring, sqsEndpoint: sqsUrl, queueUrl, credentials: own }));
  }
  for (const declaration of scheduleDeclarations(template)) running.use(startSchedule({ ...declaration, ...wiring }));
}
