import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';
import { addIndex, createServiceTable } from './service-table.ts';

/** For who counts those of one user. */
const BY_OWNER = 'by-owner';

/** Who owns a channel, and on which shard it lives. */
export class Channels extends Construct {
  readonly #table: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#table = createServiceTable(this, 'Table', { partitionKey: 'ws-uuid', expires: true });
    addIndex(this.#table, { indexName: BY_OWNER, partitionKey: 'owner', numberSortKey: 'expires', keysOnly: true });
  }

  grantRead(fn: ServiceFunction): void {
    fn.allow(['dynamodb:GetItem'], [this.#table.tableArn]);
    fn.environment('CHANNELS_TABLE', this.#table.tableName);
  }

  /** Reads, creates and renews; nothing deletes a channel but its time. */
  grantReadWrite(fn: ServiceFunction): void {
    this.grantRead(fn);
    fn.allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], [this.#table.tableArn]);
  }

  /** Of one user. */
  grantCount(fn: ServiceFunction): void {
    fn.allow(['dynamodb:Query'], [`${this.#table.tableArn}/index/${BY_OWNER}`]);
    fn.environment('CHANNELS_TABLE', this.#table.tableName);
  }

  /** Notes that the end of a round was delivered. */
  grantCloseRound(fn: ServiceFunction): void {
    fn.allow(['dynamodb:UpdateItem'], [this.#table.tableArn]);
    fn.environment('CHANNELS_TABLE', this.#table.tableName);
  }
}
