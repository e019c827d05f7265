import {
  ApiGatewayManagementApiClient,
  ApiGatewayManagementApiServiceException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient, DynamoDBServiceException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, LambdaServiceException } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { WebSocket } from 'ws';
import { startWebSocketApi } from '../../../local/apigateway/websocket-api.ts';
import { systemClock } from '../../../local/clock.ts';
import { callDynamoDb } from '../../../local/dynamodb/call.ts';
import { startDynamoDb } from '../../../local/dynamodb/service.ts';
import type { FaultService } from '../../../local/faults/fault.ts';
import type { HttpFaults } from '../../../local/faults/http-faults.ts';
import { openCredentialStore } from '../../../local/iam/credentials.ts';
import { startLambdaApi } from '../../../local/lambda/lambda-api.ts';
import { startS3Sqs } from '../../../local/s3-sqs/service.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate } from '../../../local/template/template.ts';
import { table } from '../../../local/template/types/dynamodb.ts';
import { bucket } from '../../../local/template/types/s3.ts';
import { queue } from '../../../local/template/types/sqs.ts';
import { CollectedLog, FakeLambda, until } from '../apigateway/support.ts';

/** One of the simulated services behind its faults, with one call of it that has an effect. */
export interface ServiceUnderTest extends AsyncDisposable {
  readonly operation: string;
  /** By the SDK's own client, once: without its retries. */
  call(signal?: AbortSignal): Promise<unknown>;
  /** Of the calls that were carried out. */
  effects(): Promise<number>;
  /** Of the errors that the SDK makes of answers. */
  readonly errorClass: new (
    ...args: never[]
  ) => Error;
}

const CORS = {
  CorsRules: [
    {
      AllowedMethods: ['PUT'],
      AllowedOrigins: ['https://*.example.com'],
      AllowedHeaders: ['*'],
      ExposedHeaders: ['ETag'],
    },
  ],
};

const template = resolveTemplate(
  [
    {
      name: 'S',
      assets: [],
      template: {
        Resources: {
          Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files', CorsConfiguration: CORS } },
          Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
          Things: {
            Type: 'AWS::DynamoDB::Table',
            Properties: {
              TableName: 'things',
              BillingMode: 'PAY_PER_REQUEST',
              AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
              KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            },
          },
        },
      },
    },
  ],
  RESOURCE_TYPES,
);

type Start = (faults: HttpFaults, callerId: string) => Promise<ServiceUnderTest>;

const credentials = await openCredentialStore();

const config = (endpoint: string, callerId: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: credentials.root,
  maxAttempts: 1,
  userAgentAppId: callerId,
});

let calls = 0;
const newName = () => `n${++calls}`;

const dynamodb: Start = async (faults, callerId) => {
  const service = await startDynamoDb({ tables: template.of(table), credentials, faults });
  const client = new DynamoDBClient(config(service.url, callerId));
  return {
    operation: 'PutItem',
    errorClass: DynamoDBServiceException,
    call: (abortSignal) =>
      client.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: newName() } } }), { abortSignal }),
    async effects() {
      const { Count } = await callDynamoDb(service.url, credentials.root, 'Scan', { TableName: 'things' });
      return Count as number;
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await service[Symbol.asyncDispose]();
    },
  };
};

export const startBoth = (faults: HttpFaults) =>
  startS3Sqs({
    buckets: template.of(bucket),
    queues: template.of(queue),
    credentials,
    clock: systemClock,
    faults,
  });

const s3: Start = async (faults, callerId) => {
  const service = await startBoth(faults);
  const client = new S3Client(config(service.url, callerId));
  return {
    operation: 'PutObject',
    errorClass: S3ServiceException,
    call: (abortSignal) =>
      client.send(new PutObjectCommand({ Bucket: 'files', Key: newName(), Body: 'text' }), { abortSignal }),
    effects: async () => service.objects.listObjects('files', {}).objects.length,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await service[Symbol.asyncDispose]();
    },
  };
};

const sqs: Start = async (faults, callerId) => {
  const service = await startBoth(faults);
  const client = new SQSClient(config(service.url, callerId));
  const QueueUrl = `${service.url}/000000000000/work`;
  const attributes = {
    method: 'POST',
    headers: {
      'x-amz-target': 'AmazonSQS.GetQueueAttributes',
      'content-type': 'application/x-amz-json-1.0',
      authorization: `AWS4-HMAC-SHA256 Credential=${credentials.root.accessKeyId}/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  };
  return {
    operation: 'SendMessage',
    errorClass: SQSServiceException,
    call: (abortSignal) => client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }), { abortSignal }),
    async effects() {
      const answer = (await (await fetch(service.url, attributes)).json()) as { Attributes: Record<string, string> };
      return Number(answer.Attributes.ApproximateNumberOfMessages);
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      await service[Symbol.asyncDispose]();
    },
  };
};

const lambda: Start = async (faults, callerId) => {
  let queued = 0;
  const invoker = {
    configOf: () => ({}) as never,
    request: async () => ({ payload: 'null' }),
    queue() {
      queued += 1;
    },
  };
  const api = await startLambdaApi({ invoker, region: 'us-east-1', accountId: '000000000000', faults });
  const client = new LambdaClient(config(api.url, callerId));
  return {
    operation: 'Invoke',
    errorClass: LambdaServiceException,
    call: (abortSignal) =>
      client.send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event' }), { abortSignal }),
    effects: async () => queued,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await api[Symbol.asyncDispose]();
    },
  };
};

const connections: Start = async (faults, callerId) => {
  const functions = new FakeLambda({ connect: () => ({ statusCode: 200 }), disconnect: () => ({ statusCode: 200 }) });
  const api = await startWebSocketApi({
    apiId: 'sock123',
    stage: 'live',
    region: 'us-east-1',
    accountId: '000000000000',
    routes: { $connect: 'connect', $disconnect: 'disconnect' },
    routeSelectionExpression: '$request.body.action',
    lambda: functions,
    clock: systemClock,
    log: new CollectedLog(),
    faults,
  });
  const socket = new WebSocket(`${api.url.replace('http', 'ws')}/live`);
  const received: string[] = [];
  socket.on('message', (data) => void received.push(data.toString()));
  await new Promise((resolve) => socket.once('open', resolve));
  const { connectionId } = functions.eventsOf('connect')[0].requestContext;
  const client = new ApiGatewayManagementApiClient(config(`${api.url}/live`, callerId));
  return {
    operation: 'POST',
    errorClass: ApiGatewayManagementApiServiceException,
    call: (abortSignal) =>
      client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'x' }), { abortSignal }),
    async effects() {
      // Behind whatever was posted before it.
      const pong = new Promise((resolve) => socket.once('pong', resolve));
      socket.ping();
      await pong;
      return received.length;
    },
    async [Symbol.asyncDispose]() {
      socket.terminate();
      client.destroy();
      await until(() => socket.readyState === WebSocket.CLOSED);
      await api[Symbol.asyncDispose]();
    },
  };
};

export const HTTP_SERVICES: Readonly<Record<Exclude<FaultService, 'redis'>, Start>> = {
  dynamodb,
  s3,
  sqs,
  lambda,
  connections,
};
