import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCredentialStore } from '../../../local/iam/credentials.ts';
import { readObject } from '../../../local/s3-sqs/origin-access.ts';
import { type S3SqsService, startS3Sqs } from '../../../local/s3-sqs/service.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate } from '../../../local/template/template.ts';
import { bucket } from '../../../local/template/types/s3.ts';
import { queue } from '../../../local/template/types/sqs.ts';

const template = resolveTemplate(
  [
    {
      name: 'S',
      assets: [],
      template: {
        Resources: {
          Files: {
            Type: 'AWS::S3::Bucket',
            Properties: {
              BucketName: 'files',
              CorsConfiguration: {
                CorsRules: [
                  {
                    AllowedMethods: ['GET', 'PUT'],
                    AllowedOrigins: ['https://*.example.com'],
                    AllowedHeaders: ['*'],
                    ExposedHeaders: ['ETag'],
                  },
                ],
              },
            },
          },
          Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
          Work: {
            Type: 'AWS::SQS::Queue',
            Properties: {
              QueueName: 'work',
              VisibilityTimeout: 30,
              MessageRetentionPeriod: 60,
              RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
            },
          },
        },
      },
    },
  ],
  RESOURCE_TYPES,
);

let stateDir: string;
let service: S3SqsService;
let s3: S3Client;
let sqs: SQSClient;
let now: number;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 's3-sqs-'));
  now = Date.now();
  await start();
});

afterEach(async () => {
  await stop();
  await rm(stateDir, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const credentials = await openCredentialStore(stateDir);
  const clock = { now: () => now };
  service = await startS3Sqs({
    buckets: template.of(bucket),
    queues: template.of(queue),
    credentials,
    clock,
    dataDir: join(stateDir, 'data'),
  });
  const config = { region: 'us-east-1', endpoint: service.url, credentials: credentials.root };
  s3 = new S3Client(config);
  sqs = new SQSClient(config);
}

async function stop(): Promise<void> {
  s3.destroy();
  sqs.destroy();
  await service[Symbol.asyncDispose]();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

const queueUrl = (name: string) => `${service.url}/000000000000/${name}`;
const send = (body: string) => sqs.send(new SendMessageCommand({ QueueUrl: queueUrl('work'), MessageBody: body }));
const receive = async (name = 'work') => {
  const command = new ReceiveMessageCommand({ QueueUrl: queueUrl(name), MessageSystemAttributeNames: ['All'] });
  return (await sqs.send(command)).Messages?.[0];
};

describe('nothing that was accepted is lost when the runtime starts again', () => {
  test('objects, and messages that nobody has received', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'a/b', Body: 'hello' }));
    await send('first');
    await restart();
    const object = await s3.send(new GetObjectCommand({ Bucket: 'files', Key: 'a/b' }));
    expect(await object.Body!.transformToString()).toBe('hello');
    expect(await receive()).toMatchObject({ Body: 'first' });
  });

  test('a message that was in flight comes again at once, since its holder ended too, and counts its receives', async () => {
    await send('first');
    await receive();
    expect(await receive()).toBeUndefined();
    await restart();
    expect(await receive()).toMatchObject({ Body: 'first', Attributes: { ApproximateReceiveCount: '2' } });
  });

  // fauxqs sets the receive count of such a message to NULL, which its own schema refuses: the message was gone.
  test('a message that was given back at once', async () => {
    await send('first');
    const { ReceiptHandle } = (await receive())!;
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl('work'), ReceiptHandle, VisibilityTimeout: 0 }),
    );
    expect(await receive()).toMatchObject({ Body: 'first', Attributes: { ApproximateReceiveCount: '2' } });
    await restart();
    // Its two receives are used up: it has gone on to the dead letter queue.
    expect(await receive()).toBeUndefined();
    expect(await receive('dead')).toMatchObject({ Body: 'first' });
  });

  test('but a message that was deleted stays away', async () => {
    await send('first');
    const { ReceiptHandle } = (await receive())!;
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl('work'), ReceiptHandle }));
    await restart();
    expect(await receive()).toBeUndefined();
  });

  test('a link that was signed before, where the port is the same again', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'hello' }));
    const url = new URL(await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'files', Key: 'k' })));
    await restart();
    // fetch would send the new port in the host header; only the store behind it matters here.
    const { port } = new URL(service.url);
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path: url.pathname + url.search, headers: { host: url.host } };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
  });
});

test('a message is dropped at the end of its retention', async () => {
  await send('first');
  now += 61_000;
  expect(await receive()).toBeUndefined();
});

describe('nothing is public', () => {
  test('a presigned link works for what it was signed for, and only then', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'k', Body: 'hello' }));
    const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'files', Key: 'k' }), { expiresIn: 60 });
    expect(await (await fetch(get)).text()).toBe('hello');
    expect((await fetch(get, { method: 'PUT', body: 'changed' })).status).toBe(403);
    expect((await fetch(get.replace('/k?', '/other?'))).status).toBe(403);
    now += 62_000;
    const expired = await fetch(get);
    expect(expired.status).toBe(403);
    expect(await expired.text()).toContain('<Message>Request has expired</Message>');
  });

  test('a presigned upload', async () => {
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket: 'files', Key: 'k' }));
    expect((await fetch(put, { method: 'PUT', body: 'hello' })).status).toBe(200);
    expect((await fetch(put.replace('/k?', '/other?'), { method: 'PUT', body: 'hello' })).status).toBe(403);
  });

  test.each(['/files/k', '/files', '/'])('GET %s without a signature is refused', async (path) => {
    const response = await fetch(service.url + path);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('<Code>AccessDenied</Code>');
  });

  test('keys that were never given out are refused, by SQS in its own form', async () => {
    const stranger = new SQSClient({
      region: 'us-east-1',
      endpoint: service.url,
      credentials: { accessKeyId: 'AKIA', secretAccessKey: 'x' },
      maxAttempts: 1,
    });
    await expect(stranger.send(new ReceiveMessageCommand({ QueueUrl: queueUrl('work') }))).rejects.toMatchObject({
      name: 'InvalidAccessKeyId',
    });
    stranger.destroy();
  });

  test('CloudFront reads an object, and is not told which there are', async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket: 'files',
        Key: 'index.html',
        Body: '<p>',
        ContentType: 'text/html',
        CacheControl: 'no-cache',
      }),
    );
    const found = readObject(service.objects, 'files', 'index.html');
    expect(found).toMatchObject({ status: 200, headers: { 'content-type': 'text/html', 'cache-control': 'no-cache' } });
    expect(Buffer.from(found.body).toString()).toBe('<p>');
    expect(readObject(service.objects, 'files', 'index').status).toBe(403);
  });
});

describe('a page of another origin', () => {
  const preflight = (origin: string, method: string) =>
    fetch(`${service.url}/files/k`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type, X-Own',
      },
    });

  test('may do what the rules of the bucket allow', async () => {
    const response = await preflight('https://app.example.com', 'PUT');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': 'content-type, x-own',
    });
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'files', Key: 'none' }));
    const missing = await fetch(url, { headers: { origin: 'https://app.example.com' } });
    expect([missing.status, missing.headers.get('access-control-expose-headers')]).toEqual([404, 'ETag']);
  });

  test.each([
    ['another origin', 'https://example.org', 'PUT'],
    ['another method', 'https://app.example.com', 'DELETE'],
  ])('is refused with %s', async (_what, origin, method) => {
    const response = await preflight(origin, method);
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });
});
