import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApiKeys } from './constructs/api-keys.ts';
import { Channels } from './constructs/channels.ts';
import { Connections } from './constructs/connections.ts';
import { ProcessQueue } from './constructs/process-queue.ts';
import { SourceFiles } from './constructs/source-files.ts';
import { Sources } from './constructs/sources.ts';

/** What has to outlive every deployment: the records, the files and the queue of accepted sources. */
export class StateStack extends Stack {
  readonly channels: Channels;
  readonly connections: Connections;
  readonly sources: Sources;
  readonly apiKeys: ApiKeys;
  readonly sourceFiles: SourceFiles;
  readonly processQueue: ProcessQueue;

  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    this.channels = new Channels(this, 'Channels');
    this.connections = new Connections(this, 'Connections');
    this.sources = new Sources(this, 'Sources');
    this.apiKeys = new ApiKeys(this, 'ApiKeys');
    this.sourceFiles = new SourceFiles(this, 'SourceFiles');
    this.processQueue = new ProcessQueue(this, 'ProcessQueue');
  }
}
