import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startWebSocketApi } from '../../../local/apigateway/websocket-api.ts';
import { systemClock } from '../../../local/clock.ts';
import { startDynamoDb } from '../../../local/dynamodb/service.ts';
import { AccessControl } from '../../../local/iam/access-control.ts';
import { type Credentials, openCredentialStore } from '../../../local/iam/credentials.ts';
import { startLambdaApi } from '../../../local/lambda/lambda-api.ts';
import { memoryLog } from '../../../local/log.ts';
import { startS3Sqs } from '../../../local/s3-sqs/service.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate } from '../../../local/template/template.ts';
import { table } from '../../../local/template/types/dynamodb.ts';
import { bucket } from '../../../local/template/types/s3.ts';
import { queue } from '../../../local/template/types/sqs.ts';
import { authorizeInvocations, authorizeSockets } from '../../../local/wiring/authorize.ts';
import { CollectedLog, FakeLambda } from '../apigateway/support.ts';

/** What the SDK makes of the refusals of each service, on the calls of a function that may do exactly one thing. */

const template = resolveTemplate(
  [
    {
      name: 'S',
      assets: [],
      template: {
        Resources: {
          Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
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

const { environment } = template;
const place = { region: environment.region, accountId: environment.accountId };
const access = new AccessControl({ environment, log: memoryLog() });
const running = new AsyncDisposableStack();
const user = 'User: arn:aws:sts::000000000000:assumed-role/role/S-work is not authorized to perform: ';

let own: Credentials;
let dynamodb: DynamoDBClient;
let s3: S3Client;
let sqs: SQSClient;
let lambda: LambdaClient;
let sockets: ApiGatewayManagementApiClient;
let QueueUrl: string;
const urls: Record<string, string> = {};

beforeAll(async () => {
  const credentials = await openCredentialStore();
  own = credentials.issue('S-work');
  const [tables, buckets, queues] = [template.of(table), template.of(bucket), template.of(queue)];
  const tablesService = running.use(await startDynamoDb({ tables, credentials, access }));
  const stores = running.use(await startS3Sqs({ buckets, queues, credentials, access, clock: systemClock }));
  const invoker = {
    configOf: () => ({}) as never,
    request: async () => ({ payload: 'null' }),
    queue() {},
  };
  const authorize = authorizeInvocations(access, credentials);
  const functions = running.use(await startLambdaApi({ invoker, ...place, authorize }));
  const gateway = running.use(
    await startWebSocketApi({
      apiId: 'sock123',
      stage: 'live',
      ...place,
      routes: {},
      routeSelectionExpression: '$request.body.action',
      lambda: new FakeLambda({}),
      clock: systemClock,
      log: new CollectedLog(),
      authorizeManagement: authorizeSockets(access, credentials),
    }),
  );
  const config = (endpoint: string) => ({ endpoint, region: place.region, credentials: own, maxAttempts: 1 });
  dynamodb = new DynamoDBClient(config(tablesService.url));
  s3 = new S3Client({ ...config(stores.url), forcePathStyle: true });
  sqs = new SQSClient(config(stores.url));
  lambda = new LambdaClient(config(functions.url));
  sockets = new ApiGatewayManagementApiClient(config(`${gateway.url}/live`));
  QueueUrl = `${stores.url}/000000000000/work`;
  Object.assign(urls, { lambda: functions.url, s3: stores.url, dynamodb: tablesService.url });
  stores.objects.putObject('files', 'there', Buffer.from('text'), 'text/plain');
});

afterAll(async () => {
  for (const client of [dynamodb, s3, sqs, lambda, sockets]) client?.destroy();
  await running[Symbol.asyncDispose]();
});

beforeEach(() => may());

function may(...statements: readonly (readonly [action: string, resource: string])[]): void {
  access.attach('S-work', {
    functionName: 'S-work',
    roleName: 'role',
    statements: statements.map(([action, resource]) => ({ Effect: 'Allow', Action: [action], Resource: [resource] })),
    context: {},
  });
}

const no = (action: string) => `because no identity-based policy allows the ${action} action`;
const THINGS = 'arn:aws:dynamodb:us-east-1:000000000000:table/things';
const WORK = 'arn:aws:sqs:us-east-1:000000000000:work';
const F = 'arn:aws:lambda:us-east-1:000000000000:function:f';

test('DynamoDB', async () => {
  const get = () => dynamodb.send(new GetItemCommand({ TableName: 'things', Key: { id: { S: 'x' } } }));
  await expect(get()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `${user}dynamodb:GetItem on resource: ${THINGS} ${no('dynamodb:GetItem')}`,
    $metadata: { httpStatusCode: 400 },
  });
  may(['dynamodb:GetItem', THINGS]);
  expect(await get()).toMatchObject({ $metadata: { httpStatusCode: 200 } });
  const put = dynamodb.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: 'x' } } }));
  await expect(put).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('S3', async () => {
  const put = () => s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a <b>', Body: Buffer.alloc(5_000_000) }));
  await expect(put()).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `${user}s3:PutObject on resource: "arn:aws:s3:::files/a <b>" ${no('s3:PutObject')}`,
    $metadata: { httpStatusCode: 403 },
  });
  may(['s3:PutObject', 'arn:aws:s3:::files/a*']);
  await put();
  const head = s3.send(new HeadObjectCommand({ Bucket: 'files', Key: 'there' }));
  await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
});

test('S3 tells that an object is not there only to who may list the bucket', async () => {
  const get = (Key: string) => s3.send(new GetObjectCommand({ Bucket: 'files', Key }));
  may(['s3:GetObject', 'arn:aws:s3:::files/*']);
  expect(await (await get('there')).Body!.transformToString()).toBe('text');
  await expect(get('missing')).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `${user}s3:ListBucket on resource: "arn:aws:s3:::files" ${no('s3:ListBucket')}`,
  });
  may(['s3:GetObject', 'arn:aws:s3:::files/*'], ['s3:ListBucket', 'arn:aws:s3:::files']);
  await expect(get('missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  expect(await s3.send(new ListObjectsV2Command({ Bucket: 'files', Prefix: 'there' }))).toMatchObject({ KeyCount: 1 });
});

test('a link works with the rights that its signer has when it is followed', async () => {
  const link = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'files', Key: 'there' }));
  const refused = await fetch(link);
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
  may(['s3:GetObject', 'arn:aws:s3:::files/there']);
  expect(await (await fetch(link)).text()).toBe('text');
});

test('a call of S3 whose permissions are not known is no way around the policies', async () => {
  may(['*', '*']);
  const answer = await fetch(`${urls.s3}/files/there?acl`, {
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${own.accessKeyId}/20260101/us-east-1/s3/aws4_request` },
  });
  expect([answer.status, await answer.text()]).toEqual([501, expect.stringContaining('NotImplemented')]);
});

test('SQS', async () => {
  const send = () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  await expect(send()).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `${user}sqs:sendmessage on resource: ${WORK} ${no('sqs:sendmessage')}`,
    $metadata: { httpStatusCode: 403 },
  });
  may(['sqs:SendMessage', WORK]);
  await send();
  const receive = sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  await expect(receive).rejects.toMatchObject({ name: 'AccessDenied' });
  const batch = { QueueUrl, Entries: [{ Id: '1', ReceiptHandle: 'x' }] };
  await expect(sqs.send(new DeleteMessageBatchCommand(batch))).rejects.toThrow('perform: sqs:deletemessage on');
});

test('Lambda', async () => {
  const invoke = () => lambda.send(new InvokeCommand({ FunctionName: 'f' }));
  await expect(invoke()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `${user}lambda:InvokeFunction on resource: ${F} ${no('lambda:InvokeFunction')}`,
    $metadata: { httpStatusCode: 403 },
  });
  may(['lambda:InvokeFunction', F]);
  expect(await invoke()).toMatchObject({ StatusCode: 200 });
});

test('@connections shows neither the account nor the connection', async () => {
  const post = () => sockets.send(new PostToConnectionCommand({ ConnectionId: 'abc=', Data: 'x' }));
  const shown = 'arn:aws:execute-api:us-east-1:********0000:sock123/live/POST/@connections/{connectionId}';
  await expect(post()).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: `${user}execute-api:ManageConnections on resource: ${shown} ${no('execute-api:ManageConnections')}`,
    $metadata: { httpStatusCode: 403 },
  });
  const one = 'arn:aws:execute-api:us-east-1:000000000000:sock123/live';
  may(['execute-api:ManageConnections', `${one}/DELETE/@connections/*`]);
  await expect(post()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  may(['execute-api:ManageConnections', `${one}/POST/@connections/*`]);
  await expect(post()).rejects.toMatchObject({ name: 'GoneException' });
});

test('a call without a signature, or with a key that was never given out, is refused', async () => {
  const url = `${urls.lambda}/2015-03-31/functions/f/invocations`;
  const unsigned = await fetch(url, { method: 'POST' });
  expect([unsigned.status, unsigned.headers.get('x-amzn-errortype')]).toEqual([
    403,
    'MissingAuthenticationTokenException',
  ]);
  const strange = { accessKeyId: 'ASIASTRANGER', secretAccessKey: 'x' };
  const stranger = new LambdaClient({ endpoint: urls.lambda, region: place.region, credentials: strange });
  const invoke = stranger.send(new InvokeCommand({ FunctionName: 'f' }));
  await expect(invoke).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  stranger.destroy();
});
