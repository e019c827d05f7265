import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

export interface ServiceTableProps {
  readonly partitionKey: string;
  readonly sortKey?: string;
  /** Whether records end at their `expires`, in seconds since 1970. */
  readonly expires: boolean;
}

/**
 * A table as all of ours are: on demand, recoverable to any second of the last 35 days, kept when the stack is deleted.
 * Encrypted with the key that DynamoDB owns: a key of the account would add a price to each request and protect from
 * nobody who may read the table.
 */
export function createServiceTable(scope: Construct, id: string, props: ServiceTableProps): dynamodb.Table {
  return new dynamodb.Table(scope, id, {
    partitionKey: text(props.partitionKey),
    ...(props.sortKey ? { sortKey: text(props.sortKey) } : {}),
    ...(props.expires ? { timeToLiveAttribute: 'expires' } : {}),
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

/** An index that finds a record by another attribute and has the whole of it. */
export function addIndex(table: dynamodb.Table, indexName: string, attribute: string): void {
  table.addGlobalSecondaryIndex({
    indexName,
    partitionKey: text(attribute),
    projectionType: dynamodb.ProjectionType.ALL,
  });
}
