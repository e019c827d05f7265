import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';
import { addIndex, createServiceTable } from './service-table.ts';

/** `$disconnect` and messages name a connection only, not its channel. */
const BY_CONNECTION_ID = 'by-connection-id';

/** Those that Redis could not be told of, for the sweeper. */
const BY_UNANNOUNCED = 'by-unannounced';

/** For who counts those of one user. */
const BY_OWNER = 'by-owner';

/** The open sockets of each channel. */
export class Connections extends Construct {
  readonly #table: dynamodb.Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#table = createServiceTable(this, 'Table', {
      partitionKey: 'ws-uuid',
      sortKey: 'connection-id',
      expires: true,
    });
    addIndex(this.#table, { indexName: BY_CONNECTION_ID, partitionKey: 'connection-id' });
    addIndex(this.#table, { indexName: BY_UNANNOUNCED, partitionKey: 'unannounced' });
    addIndex(this.#table, {
      indexName: BY_OWNER,
      partitionKey: 'owner',
      numberSortKey: 'connected-at',
      keysOnly: true,
    });
  }

  get tableName(): string {
    return this.#table.tableName;
  }

  grantAdd(fn: ServiceFunction): void {
    this.#grant(fn, ['dynamodb:PutItem'], this.#table.tableArn);
  }

  /** By its id alone. */
  grantFind(fn: ServiceFunction): void {
    this.#grant(fn, ['dynamodb:Query'], `${this.#table.tableArn}/index/${BY_CONNECTION_ID}`);
  }

  /** Of one user. */
  grantCount(fn: ServiceFunction): void {
    this.#grant(fn, ['dynamodb:Query'], `${this.#table.tableArn}/index/${BY_OWNER}`);
  }

  /** Those of a channel. */
  grantList(fn: ServiceFunction): void {
    this.#grant(fn, ['dynamodb:Query'], this.#table.tableArn);
  }

  /** Those of all channels. */
  grantAll(fn: ServiceFunction): void {
    this.#grant(fn, ['dynamodb:Scan'], this.#table.tableArn);
  }

  /** Those that Redis could not be told of, until it was. */
  grantAnnounce(fn: ServiceFunction): void {
    this.#grant(fn, ['dynamodb:Query'], `${this.#table.tableArn}/index/${BY_UNANNOUNCED}`);
    this.#grant(fn, ['dynamodb:UpdateItem'], this.#table.tableArn);
  }

  grantRemove(fn: ServiceFunction): void {
    this.#grant(fn, ['dynamodb:DeleteItem'], this.#table.tableArn);
  }

  #grant(fn: ServiceFunction, actions: readonly string[], resource: string): void {
    fn.allow(actions, [resource]);
    fn.environment('CONNECTIONS_TABLE', this.#table.tableName);
  }
}
