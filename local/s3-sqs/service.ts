import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { buildApp } from 'fauxqs';
import type { Clock } from '../clock.ts';
import { s3OrSqsCall } from '../faults/http-calls.ts';
import { type HttpFaults, putFaultsBefore } from '../faults/http-faults.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { CredentialStore, Principal } from '../iam/credentials.ts';
import type { Resource } from '../template/resource-type.ts';
import type { BucketProperties } from '../template/types/s3.ts';
import type { QueueProperties } from '../template/types/sqs.ts';
import { identify, refuseS3, refuseSqs, sendRefusal } from './access-hook.ts';
import { answerCors, corsHeadersOf, type RulesByBucket } from './cors-hook.ts';
import { answerListUploads } from './list-uploads.ts';
import { createQueues, dropExpiredMessages } from './queues.ts';
import { type OpenStores, openStores } from './stores.ts';

export interface S3SqsOptions {
  readonly buckets: readonly Resource<BucketProperties>[];
  readonly queues: readonly Resource<QueueProperties>[];
  readonly credentials: CredentialStore;
  /** Default: whoever has a key may do everything. */
  readonly access?: AccessControl;
  readonly clock: Pick<Clock, 'now'>;
  /** Undefined: nothing outlives the service. */
  readonly dataDir?: string;
  /** The port of the last run: links that were signed then stay valid. Another one is taken where it is busy. */
  readonly preferredPort?: number;
  readonly faults?: HttpFaults;
}

export interface S3SqsService extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, for S3 and SQS alike. */
  readonly url: string;
  readonly port: number;
  /** What the runtime itself writes, past all checks. */
  readonly objects: OpenStores['s3Store'];
}

export async function startS3Sqs(options: S3SqsOptions): Promise<S3SqsService> {
  const stores = await openStores(options.dataDir);
  const rules = new Map(
    options.buckets.map(({ ref, properties }) => [ref, properties.CorsConfiguration?.CorsRules ?? []]),
  );
  const app = createApp(stores, rules, options);
  if (options.faults) {
    const errorHeaders = (request: IncomingMessage) => corsHeadersOf(request, rules);
    putFaultsBefore(app.server, s3OrSqsCall, { ...options.faults, errorHeaders });
  }
  for (const { ref } of options.buckets) stores.s3Store.createBucket(ref);
  const port = await listen(app, options.preferredPort ?? 0);
  for (const queue of createQueues(stores.sqsStore, options.queues, `http://127.0.0.1:${port}`))
    stores.makeDurable(queue);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    objects: stores.s3Store,
    [Symbol.asyncDispose]: () => app.close(),
  };
}

type App = ReturnType<typeof buildApp>;

function createApp(stores: OpenStores, rules: RulesByBucket, options: S3SqsOptions): App {
  const { credentials, clock, buckets } = options;
  const app = buildApp({ logger: false, stores, defaultRegion: buckets[0]?.environment.region });
  const principals = new WeakMap<FastifyRequest, Principal>();
  app.addHook('onRequest', async (request, reply) => {
    if (answerCors(request, reply, rules)) return reply;
    const principal = identify(request, credentials, clock.now());
    if ('code' in principal) return sendRefusal(request, reply, principal);
    principals.set(request, principal);
  });
  if (options.access) checkPermissions(app, stores, options.access, (request) => principals.get(request)!);
  app.addHook('preHandler', async (request, reply) => {
    if (await answerListUploads(request, reply, stores)) return reply;
    if (request.headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage')
      dropExpiredMessages(stores.sqsStore, clock.now());
  });
  // After the last answer: what is still being answered writes to the stores.
  app.addHook('onClose', async () => stores[Symbol.dispose]());
  return app;
}

function checkPermissions(
  app: App,
  { s3Store }: OpenStores,
  access: AccessControl,
  principalOf: (request: FastifyRequest) => Principal,
): void {
  const exists = (bucket: string, key: string): boolean => {
    try {
      s3Store.headObject(bucket, key);
      return true;
    } catch {
      return false; // NoSuchKey, NoSuchBucket
    }
  };
  app.addHook('onRequest', async (request, reply) => {
    const refused = refuseS3(request, principalOf(request), access, exists);
    return refused && sendRefusal(request, reply, refused);
  });
  app.addHook('preHandler', async (request, reply) => {
    const refused = refuseSqs(request, principalOf(request), access);
    return refused && sendRefusal(request, reply, refused);
  });
}

async function listen(app: App, preferredPort: number): Promise<number> {
  try {
    return Number(new URL(await app.listen({ port: preferredPort, host: '127.0.0.1' })).port);
  } catch (error) {
    if (preferredPort === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return await listen(app, 0);
  }
}
