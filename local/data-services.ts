import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { seedDevelopmentKey } from './development-key.ts';
import { type DynamoDbService, startDynamoDb } from './dynamodb/service.ts';
import type { HttpFaults } from './faults/http-faults.ts';
import type { HostTable } from './host-table.ts';
import type { AccessControl } from './iam/access-control.ts';
import type { CredentialStore } from './iam/credentials.ts';
import { runBucketDeployments } from './s3-sqs/bucket-deployment.ts';
import { type S3SqsService, startS3Sqs } from './s3-sqs/service.ts';
import { type SecretsService, startSecrets } from './secrets/service.ts';
import { startAll } from './start-all.ts';
import type { Template } from './template/template.ts';
import { globalTable, table } from './template/types/dynamodb.ts';
import { bucket } from './template/types/s3.ts';
import { secret } from './template/types/secrets-manager.ts';
import { queue, sqsHost } from './template/types/sqs.ts';

export interface DataServices {
  readonly dynamodb: DynamoDbService;
  readonly s3Sqs: S3SqsService;
  readonly secrets: SecretsService;
}

export interface DataServicesOptions {
  readonly template: Template;
  readonly hosts: HostTable;
  readonly credentials: CredentialStore;
  readonly access: AccessControl;
  readonly stateDir: string;
  readonly clock: Clock;
  readonly faults: HttpFaults;
}

/** What keeps something: tables, buckets, queues. Their hosts are in the table when it resolves. */
export async function startDataServices(
  running: AsyncDisposableStack,
  options: DataServicesOptions,
): Promise<DataServices> {
  const { template, hosts, credentials, access, stateDir, faults } = options;
  const services = await startAll(running, {
    dynamodb: startDynamoDb({
      tables: [...template.of(table), ...template.of(globalTable)],
      credentials,
      access,
      dataDir: join(stateDir, 'dynamodb'),
      faults,
    }),
    s3Sqs: startS3SqsOnItsPort(options),
    secrets: startSecrets({
      secrets: template.of(secret),
      credentials,
      access,
      dataDir: join(stateDir, 'secrets'),
      clock: options.clock,
    }),
  });
  const { region, urlSuffix } = template.environment;
  hosts.add(sqsHost(region, urlSuffix), services.s3Sqs.url);
  await Promise.all([
    seedDevelopmentKey(template, services.dynamodb.call),
    runBucketDeployments(template, services.s3Sqs.objects),
  ]);
  return services;
}

/** On the port of the last run where that is free: links that were given out then still work. */
async function startS3SqsOnItsPort({
  template,
  credentials,
  access,
  stateDir,
  clock,
  faults,
}: DataServicesOptions): Promise<S3SqsService> {
  const portFile = join(stateDir, 's3-sqs.port');
  const preferredPort = Number(await readFile(portFile, 'utf8').catch(() => '0'));
  const buckets = template.of(bucket);
  const queues = template.of(queue);
  const dataDir = join(stateDir, 's3-sqs');
  const service = await startS3Sqs({ buckets, queues, credentials, access, clock, dataDir, preferredPort, faults });
  await writeFile(portFile, String(service.port));
  return service;
}
