import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';
import { addIndex, createServiceTable } from './service-table.ts';

/** Only of sources that still have to be looked at, spread over the 16 values of `unfinished`. */
const BY_DEADLINE = 'by-deadline';

/** With the end, so that nobody has to read the record of each that was over days ago. */
const BY_CHANNEL = 'by-channel';

/** For who counts those of one user: of sources only that are queued and have not ended. */
const BY_UNDER_WAY = 'by-under-way';

/** The truth about each source: accepted, claimed, how far, how it ended. */
export class Sources extends Construct {
  readonly #table: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#table = createServiceTable(this, 'Table', { partitionKey: 'source-uuid', expires: true });
    addIndex(this.#table, {
      indexName: BY_DEADLINE,
      partitionKey: 'unfinished',
      numberSortKey: 'deadline',
      keysOnly: true,
    });
    addIndex(this.#table, {
      indexName: BY_CHANNEL,
      partitionKey: 'ws-uuid',
      numberSortKey: 'opened-at',
      includes: ['ended-at'],
    });
    addIndex(this.#table, {
      indexName: BY_UNDER_WAY,
      partitionKey: 'under-way',
      numberSortKey: 'opened-at',
      keysOnly: true,
    });
  }

  get tableName(): string {
    return this.#table.tableName;
  }

  grantRead(fn: ServiceFunction): void {
    fn.allow(['dynamodb:GetItem'], [this.#table.tableArn]);
    fn.environment('SOURCES_TABLE', this.#table.tableName);
  }

  /** Every write is a conditional update, the first one too; nothing deletes a source but its time. */
  grantReadWrite(fn: ServiceFunction): void {
    this.grantRead(fn);
    fn.allow(['dynamodb:UpdateItem'], [this.#table.tableArn]);
  }

  /** The ids of those past their deadline. */
  grantOverdue(fn: ServiceFunction): void {
    this.#grantIndex(fn, BY_DEADLINE);
  }

  /** Of one user. */
  grantCount(fn: ServiceFunction): void {
    this.#grantIndex(fn, BY_UNDER_WAY);
  }

  /** Those of a channel. */
  grantOfChannel(fn: ServiceFunction): void {
    this.grantRead(fn);
    this.#grantIndex(fn, BY_CHANNEL);
  }

  #grantIndex(fn: ServiceFunction, indexName: string): void {
    fn.allow(['dynamodb:Query'], [`${this.#table.tableArn}/index/${indexName}`]);
    fn.environment('SOURCES_TABLE', this.#table.tableName);
  }
}
