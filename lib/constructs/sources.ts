import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';
import { createServiceTable } from './service-table.ts';

/** The truth about each source: accepted, claimed, how far, how it ended. */
export class Sources extends Construct {
  readonly #table: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#table = createServiceTable(this, 'Table', { partitionKey: 'source-uuid', expires: true });
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
}
