import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';
import { createServiceTable } from './service-table.ts';

/** Which user a key belongs to. Holds hashes only: whoever reads it has no key. */
export class ApiKeys extends Construct {
  readonly #table: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#table = createServiceTable(this, 'Table', { partitionKey: 'key-hash', expires: false });
  }

  /** For those who make and revoke keys, which no function does. */
  get tableName(): string {
    return this.#table.tableName;
  }

  grantRead(fn: ServiceFunction): void {
    fn.allow(['dynamodb:GetItem'], [this.#table.tableArn]);
    fn.environment('API_KEYS_TABLE', this.#table.tableName);
  }

  /** A shell command that makes a key for user 1, stores its hash and shows the key. */
  get createCommand(): string {
    return [
      'KEY=cap-$(openssl rand -hex 24)',
      'HASH=$(printf %s "$KEY" | openssl dgst -sha256 -r | cut -d\' \' -f1)',
      `aws dynamodb put-item --table-name ${this.#table.tableName} --item "{\\"key-hash\\":{\\"S\\":\\"$HASH\\"},\\"user-id\\":{\\"S\\":\\"1\\"}}"`,
      'echo "$KEY"',
    ].join(' && ');
  }
}
