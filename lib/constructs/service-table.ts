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
    deletionProtection: true, // against a hand on the console: the policy below is only about the stack
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

export interface IndexProps {
  readonly indexName: string;
  readonly partitionKey: string;
  /** A number, by which the records of one partition are ordered. */
  readonly numberSortKey?: string;
  /** The keys and nothing else, for a reader that goes on to the record itself. Default: the whole of each record. */
  readonly keysOnly?: boolean;
  /** These and the keys, for a reader that tells by them to which of the records it need not go on. */
  readonly includes?: readonly string[];
}

/** An index that finds records by other attributes. It holds those records only that have them. */
export function addIndex(table: dynamodb.Table, props: IndexProps): void {
  const { indexName, partitionKey, numberSortKey } = props;
  table.addGlobalSecondaryIndex({
    indexName,
    partitionKey: text(partitionKey),
    ...(numberSortKey ? { sortKey: { name: numberSortKey, type: dynamodb.AttributeType.NUMBER } } : {}),
    ...projectionOf(props),
  });
}

function projectionOf({ keysOnly = false, includes }: IndexProps) {
  if (includes) return { projectionType: dynamodb.ProjectionType.INCLUDE, nonKeyAttributes: [...includes] };
  return { projectionType: keysOnly ? dynamodb.ProjectionType.KEYS_ONLY : dynamodb.ProjectionType.ALL };
}
