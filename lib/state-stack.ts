import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ApiKeys } from './constructs/api-keys.ts';
import { Channels } from './constructs/channels.ts';
import { Connections } from './constructs/connections.ts';
import { createLogBucket } from './constructs/log-bucket.ts';
import { ProcessQueue } from './constructs/process-queue.ts';
import { SourceFiles } from './constructs/source-files.ts';
import { Sources } from './constructs/sources.ts';

/** What has to outlive every deployment: the records, the files and the queue of accepted sources. */
export class StateStack extends Stack {
  readonly channels: Channels;
  readonly connections: Connections;
  readonly sources: Sources;
  readonly apiKeys: ApiKeys;
  readonly accessLogs: IBucket;
  readonly sourceFiles: SourceFiles;
  readonly processQueue: ProcessQueue;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    this.channels = new Channels(this, 'Channels');
    this.connections = new Connections(this, 'Connections');
    this.sources = new Sources(this, 'Sources');
    this.apiKeys = new ApiKeys(this, 'ApiKeys');
    this.accessLogs = createLogBucket(this, 'AccessLogs');
    this.sourceFiles = new SourceFiles(this, 'SourceFiles', { log: this.accessLogs });
    this.processQueue = new ProcessQueue(this, 'ProcessQueue');
    this.#tellOperators();
  }

  /** Where `npm run api-key` and `npm run redrive` find what they work on. */
  #tellOperators(): void {
    const tell = (id: string, description: string, value: string) => new CfnOutput(this, id, { description, value });
    tell('ApiKeysTable', 'The table of the API keys, by their hashes', this.apiKeys.tableName);
    tell('ProcessQueueUrl', 'The queue of accepted sources', this.processQueue.url);
    tell('DeadLetterQueueUrl', 'The queue of messages that failed too often', this.processQueue.deadLettersUrl);
  }
}
