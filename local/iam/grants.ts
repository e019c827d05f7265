import type { Permission } from './policy.ts';
import { wildcard } from './wildcard.ts';

/** What one statement of a method of `lib/constructs/` lets a function do. */
export interface Grant {
  readonly call: string;
  readonly actions: readonly string[];
  /** In the words of `friendlyResource`. */
  readonly on: string;
}

const file = (name: string): string => `SourceFilesBucket/users/*/sources/*/${name}`;
const sockets = (method: string): string => `WebSocketApi/live/${method}/@connections/*`;
const CONSUME = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'];

/**
 * All of them: `test/local/iam/grants.test.ts` holds this list to the methods. Where several give a permission, the one
 * that gives the least beside it comes first.
 */
export const GRANTS: readonly Grant[] = [
  { call: 'ApiKeys.grantRead', actions: ['dynamodb:GetItem'], on: 'ApiKeysTable' },
  { call: 'Channels.grantRead', actions: ['dynamodb:GetItem'], on: 'ChannelsTable' },
  { call: 'Channels.grantCloseRound', actions: ['dynamodb:UpdateItem'], on: 'ChannelsTable' },
  {
    call: 'Channels.grantReadWrite',
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    on: 'ChannelsTable',
  },
  { call: 'Channels.grantCount', actions: ['dynamodb:Query'], on: 'ChannelsTable/index/by-owner' },
  { call: 'Connections.grantAdd', actions: ['dynamodb:PutItem'], on: 'ConnectionsTable' },
  { call: 'Connections.grantFind', actions: ['dynamodb:Query'], on: 'ConnectionsTable/index/by-connection-id' },
  { call: 'Connections.grantList', actions: ['dynamodb:Query'], on: 'ConnectionsTable' },
  { call: 'Connections.grantCount', actions: ['dynamodb:Query'], on: 'ConnectionsTable/index/by-owner' },
  { call: 'Connections.grantAll', actions: ['dynamodb:Scan'], on: 'ConnectionsTable' },
  { call: 'Connections.grantAnnounce', actions: ['dynamodb:Query'], on: 'ConnectionsTable/index/by-unannounced' },
  { call: 'Connections.grantAnnounce', actions: ['dynamodb:UpdateItem'], on: 'ConnectionsTable' },
  { call: 'Connections.grantRemove', actions: ['dynamodb:DeleteItem'], on: 'ConnectionsTable' },
  { call: 'Sources.grantRead', actions: ['dynamodb:GetItem'], on: 'SourcesTable' },
  { call: 'Sources.grantReadWrite', actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'], on: 'SourcesTable' },
  { call: 'Sources.grantOverdue', actions: ['dynamodb:Query'], on: 'SourcesTable/index/by-deadline' },
  { call: 'Sources.grantCount', actions: ['dynamodb:Query'], on: 'SourcesTable/index/by-under-way' },
  { call: 'Sources.grantOfChannel', actions: ['dynamodb:GetItem'], on: 'SourcesTable' },
  { call: 'Sources.grantOfChannel', actions: ['dynamodb:Query'], on: 'SourcesTable/index/by-channel' },
  { call: 'SourceFiles.grantPutOriginal', actions: ['s3:PutObject'], on: file('original') },
  {
    call: 'SourceFiles.grantStreamOriginal',
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    on: file('original'),
  },
  { call: 'SourceFiles.grantReadOriginal', actions: ['s3:GetObject'], on: file('original') },
  { call: 'SourceFiles.grantReadOriginal', actions: ['s3:ListBucket'], on: 'SourceFilesBucket' },
  { call: 'SourceFiles.grantWriteResult', actions: ['s3:PutObject'], on: file('result.json') },
  { call: 'SourceFiles.grantWriteText', actions: ['s3:PutObject', 's3:AbortMultipartUpload'], on: file('text.txt') },
  { call: 'SourceFiles.grantReadText', actions: ['s3:GetObject'], on: file('text.txt') },
  { call: 'SourceFiles.grantRemoveOriginal', actions: ['s3:DeleteObject'], on: file('original') },
  { call: 'SourceFiles.grantRemove', actions: ['s3:DeleteObject', 's3:AbortMultipartUpload'], on: file('original') },
  { call: 'SourceFiles.grantRemove', actions: ['s3:DeleteObject', 's3:AbortMultipartUpload'], on: file('text.txt') },
  { call: 'SourceFiles.grantRemove', actions: ['s3:DeleteObject'], on: file('result.json') },
  { call: 'SourceFiles.grantRemove', actions: ['s3:ListBucketMultipartUploads'], on: 'SourceFilesBucket' },
  { call: 'ProcessQueue.grantSend', actions: ['sqs:SendMessage'], on: 'ProcessQueue' },
  { call: 'ProcessQueue.grantBacklog', actions: ['sqs:GetQueueAttributes'], on: 'ProcessQueue' },
  { call: 'ProcessQueue.consumedBy', actions: CONSUME, on: 'ProcessQueue' },
  { call: 'ProcessQueue.deadLettersConsumedBy', actions: CONSUME, on: 'ProcessQueueDeadLetters' },
  { call: 'Cache.grantUse', actions: ['elasticache:Connect'], on: 'Cache' },
  { call: 'Cache.grantUse', actions: ['elasticache:Connect'], on: 'CacheUser*' },
  { call: 'Fetcher.grantInvoke', actions: ['lambda:InvokeFunction'], on: 'fetch' },
  { call: 'Subscriber.grantStart', actions: ['lambda:InvokeFunction'], on: 'subscriber' },
  { call: 'SocketTokens.grantRead', actions: ['secretsmanager:GetSecretValue'], on: 'SocketTokensSecret' },
  {
    call: 'SocketTokens.grantRotate',
    actions: [
      'secretsmanager:GetSecretValue',
      'secretsmanager:DescribeSecret',
      'secretsmanager:PutSecretValue',
      'secretsmanager:UpdateSecretVersionStage',
    ],
    on: 'SocketTokensSecret',
  },
  { call: 'WebSocketEndpoint.grantManageConnections', actions: ['execute-api:ManageConnections'], on: sockets('POST') },
  {
    call: 'WebSocketEndpoint.grantManageConnections',
    actions: ['execute-api:ManageConnections'],
    on: sockets('DELETE'),
  },
];

/** @param friendly the resource in the words of `lib/`. */
export function grantFinder(
  friendly: (resource: string) => string | undefined,
): (permission: Permission) => string | undefined {
  return ({ action, resource }) => {
    const name = friendly(resource);
    if (name === undefined) return undefined;
    return GRANTS.find(({ actions, on }) => actions.includes(action) && wildcard(on).test(name))?.call;
  };
}
