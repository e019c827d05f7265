import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  NoSuchKey,
  NoSuchUpload,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Client } from '../../../adapters/s3/client.ts';
import { createS3SourceFiles } from '../../../adapters/s3/source-files.ts';
import { chunks, describeSourceFiles } from '../contracts/source-files.ts';
import { patient, type S3SqsServer, startS3Sqs, TEST_CREDENTIALS } from '../servers.ts';

const MEGABYTE = 1024 * 1024;
const never = new AbortController().signal;
const at = () => ({ owner: '1', sourceUuid: randomUUID(), generation: 2 });

let server: S3SqsServer;
let client: S3Client;
let bucket: string;
beforeAll(async () => {
  server = await startS3Sqs();
  client = patient(createS3Client({ ...TEST_CREDENTIALS, endpoint: server.url, forcePathStyle: true }));
  bucket = await server.createBucket();
});
afterAll(async () => {
  client.destroy();
  await server[Symbol.asyncDispose]();
});

describeSourceFiles('in S3', () => ({
  files: createS3SourceFiles({ client, bucket }),
  async stored(key) {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body && new Uint8Array(await Body.transformToByteArray());
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  },
}));

describe('files in S3', () => {
  it('give a link to the text that works without credentials and shows plain text', async () => {
    const files = createS3SourceFiles({ client, bucket });
    const source = at();
    await files.putText(source, Buffer.from('Grüße'));
    const { url } = await files.textUrl(source, Date.now());
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await answer.text()).toBe('Grüße');
    expect(url).toContain(encodeURIComponent(`inline; filename="${source.sourceUuid}.txt"`));
  });

  it('sign the link for the time and from the moment that were asked for', async () => {
    const files = createS3SourceFiles({ client, bucket, textUrlSeconds: 90 });
    const now = Date.UTC(2025, 5, 1, 12, 30, 15);
    const { url, expiresAt } = await files.textUrl(at(), now);
    const query = new URL(url).searchParams;
    expect(query.get('X-Amz-Expires')).toBe('90');
    expect(query.get('X-Amz-Date')).toBe('20250601T123015Z');
    expect(expiresAt).toBe(now + 90_000);
  });

  it('abort the upload at S3 when the stream breaks, so that no part stays behind', async () => {
    const sent: string[] = [];
    const watched = patient(createS3Client({ ...TEST_CREDENTIALS, endpoint: server.url, forcePathStyle: true }));
    watched.middlewareStack.add(
      (next, context) => (args) => {
        sent.push(context.commandName!);
        return next(args);
      },
      { step: 'initialize' },
    );
    const failing = async function* () {
      yield* chunks(6 * MEGABYTE);
      throw new Error('the connection broke');
    };
    const files = createS3SourceFiles({ client: watched, bucket });
    await expect(files.putOriginalStream(at(), failing(), never)).rejects.toThrow('the connection broke');
    watched.destroy();
    expect(sent).toContain('UploadPartCommand');
    expect(sent.at(-1)).toBe(AbortMultipartUploadCommand.name);
    expect(sent).not.toContain('CompleteMultipartUploadCommand');
  });

  // Cut off, it came through all the same: after the original of the cancelled source had been removed.
  it('wait for the request that holds all of a small stream, once it is on its way', async () => {
    const came = Promise.withResolvers<ServerResponse>();
    const slow = createServer((request, response) => {
      request.resume().on('end', () => came.resolve(response));
    }).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const endpoint = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    const own = patient(createS3Client({ ...TEST_CREDENTIALS, endpoint, forcePathStyle: true }));
    const abort = new AbortController();
    const files = createS3SourceFiles({ client: own, bucket });
    let ended = false;
    const upload = files.putOriginalStream(at(), chunks(1000), abort.signal).finally(() => {
      ended = true;
    });
    const response = await came.promise;
    abort.abort(new Error('cancelled'));
    for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    const endedEarly = ended;
    response.end();
    await expect(upload).resolves.toBeUndefined();
    expect(endedEarly).toBe(false);
    own.destroy();
    await new Promise((resolve) => slow.close(resolve));
  });

  it('read no further ahead of S3 than the parts in flight, however long the stream is', async () => {
    const slow = mockClient(S3Client);
    try {
      const gate = Promise.withResolvers<void>();
      slow.onAnyCommand().resolves({ UploadId: 'u', ETag: 'e' });
      slow.on(UploadPartCommand).callsFake(async () => {
        await gate.promise;
        return { ETag: 'e' };
      });
      let read = 0;
      const endless = async function* () {
        for await (const chunk of chunks(200 * MEGABYTE)) {
          read += chunk.byteLength;
          yield chunk;
        }
      };
      const abort = new AbortController();
      const files = createS3SourceFiles({ client: createS3Client(TEST_CREDENTIALS), bucket: 'b' });
      const upload = files.putOriginalStream(at(), endless(), abort.signal);
      upload.catch(() => undefined);
      let before = -1;
      while (slow.commandCalls(UploadPartCommand).length < 2 || read !== before) {
        before = read;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(read).toBeLessThan(20 * MEGABYTE);
      abort.abort(new Error('enough'));
      gate.resolve();
      await expect(upload).rejects.toThrow('enough');
    } finally {
      slow.restore();
    }
  });
});

describe('a part that S3 does not take', () => {
  it('ends the upload with what it failed with: nothing more is read, and nothing stays at S3', async () => {
    const s3 = mockClient(S3Client);
    try {
      s3.onAnyCommand().resolves({ UploadId: 'u', ETag: 'e' });
      const refused = new Error('slow down');
      const allUnderWay = Promise.withResolvers<void>();
      // By then every buffer is in use: the source waits, and is not waited for.
      s3.on(UploadPartCommand).callsFake(async ({ PartNumber }: { PartNumber: number }) => {
        if (PartNumber === 3) allUnderWay.resolve();
        await allUnderWay.promise;
        await new Promise((resolve) => setImmediate(resolve));
        if (PartNumber === 1) throw refused;
        return { ETag: 'e' };
      });
      let closed = false;
      let read = 0;
      const endless = async function* () {
        try {
          for await (const chunk of chunks(1000 * MEGABYTE)) {
            read += chunk.byteLength;
            yield chunk;
          }
        } finally {
          closed = true;
        }
      };
      const files = createS3SourceFiles({ client: createS3Client(TEST_CREDENTIALS), bucket: 'b' });
      await expect(files.putOriginalStream(at(), endless(), never)).rejects.toBe(refused);
      expect(closed).toBe(true);
      expect(read).toBeLessThan(50 * MEGABYTE);
      expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
      expect(s3.commandCalls(CompleteMultipartUploadCommand)).toHaveLength(0);
    } finally {
      s3.restore();
    }
  });

  it('is what the upload fails with, also where S3 does not take the abort, or where none began', async () => {
    const s3 = mockClient(S3Client);
    try {
      const refused = new Error('slow down');
      s3.onAnyCommand().resolves({ UploadId: 'u', ETag: 'e' });
      s3.on(UploadPartCommand).rejects(refused);
      s3.on(AbortMultipartUploadCommand).rejects(new Error('away'));
      const files = createS3SourceFiles({ client: createS3Client(TEST_CREDENTIALS), bucket: 'b' });
      await expect(files.putOriginalStream(at(), chunks(20 * MEGABYTE), never)).rejects.toBe(refused);
      s3.on(CreateMultipartUploadCommand).rejects(refused);
      await expect(files.putOriginalStream(at(), chunks(20 * MEGABYTE), never)).rejects.toBe(refused);
      expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
    } finally {
      s3.restore();
    }
  });

  it('holds nobody up who comes after it: each part is its own bytes, whichever is through first', async () => {
    const s3 = mockClient(S3Client);
    try {
      s3.onAnyCommand().resolves({ UploadId: 'u', ETag: 'e' });
      const firstWaits = Promise.withResolvers<void>();
      const bytes: Array<readonly [number, number]> = [];
      s3.on(UploadPartCommand).callsFake(async ({ PartNumber, Body }: { PartNumber: number; Body: Uint8Array }) => {
        if (PartNumber === 1) await firstWaits.promise;
        if (PartNumber === 4) firstWaits.resolve();
        bytes.push([PartNumber, Body[0]!]);
        return { ETag: `e${PartNumber}` };
      });
      const files = createS3SourceFiles({ client: createS3Client(TEST_CREDENTIALS), bucket: 'b' });
      await files.putOriginalStream(at(), chunks(25 * MEGABYTE), never);
      expect(bytes.map(([part]) => part)).toEqual([2, 3, 4, 1, 5]);
      // 80 chunks to a part, each of the bytes of its number.
      expect(bytes.map(([, first]) => first)).toEqual([80, 160, 240, 0, 320 % 256]);
      const { MultipartUpload } = s3.commandCalls(CompleteMultipartUploadCommand)[0]!.args[0].input;
      expect(MultipartUpload!.Parts!.map(({ ETag }) => ETag)).toEqual(['e1', 'e2', 'e3', 'e4', 'e5']);
    } finally {
      s3.restore();
    }
  });
});

describe('the checksums of a stream', () => {
  const watched = async (length: number, change: (answer: Record<string, unknown>) => void) => {
    const inputs: Array<Record<string, unknown>> = [];
    const own = patient(createS3Client({ ...TEST_CREDENTIALS, endpoint: server.url, forcePathStyle: true }));
    own.middlewareStack.add(
      (next, context) => async (args) => {
        inputs.push({ command: context.commandName, ...args.input });
        const answer = await next(args);
        change(answer.output as unknown as Record<string, unknown>);
        return answer;
      },
      { step: 'initialize' },
    );
    try {
      await createS3SourceFiles({ client: own, bucket }).putOriginalStream(at(), chunks(length), never);
    } finally {
      own.destroy();
    }
    return inputs;
  };

  it.each([
    ['one part', 1000, 'PutObjectCommand', 1],
    ['several parts', 12 * MEGABYTE, 'UploadPartCommand', 3],
  ])('go with each request of %s', async (_size, length, command, count) => {
    const inputs = await watched(length, () => {});
    const sent = inputs.filter((input) => input.command === command);
    expect(sent.map(({ ChecksumCRC32 }) => ChecksumCRC32)).toEqual(Array(count).fill(expect.stringMatching(/==$/)));
    const whole = inputs.filter((input) => input.command === 'CompleteMultipartUploadCommand');
    expect(whole.map(({ MpuObjectSize }) => MpuObjectSize)).toEqual(count === 1 ? [] : [length]);
  });

  it.each([
    ['one part', 1000],
    ['several parts', 12 * MEGABYTE],
  ])('of %s are held against what S3 says that it holds', async (_size, length) => {
    const told: unknown[] = [];
    await watched(length, (answer) => told.push(answer.ChecksumCRC32));
    expect(told.at(-1)).toMatch(/^[\w+/]{6}==/);
    const another = (answer: Record<string, unknown>) => {
      if (answer.ETag !== undefined && answer.ChecksumCRC32 !== undefined) answer.ChecksumCRC32 = 'AAAAAA==';
    };
    await expect(watched(length, another)).rejects.toThrow(/S3 holds AAAAAA== where \S+ was sent/);
  });
});

describe('files in S3 that fail', () => {
  it('tell a missing object from a refusal or a breakdown', async () => {
    const s3 = mockClient(S3Client);
    try {
      const files = createS3SourceFiles({ client: createS3Client(TEST_CREDENTIALS), bucket: 'b' });
      s3.on(GetObjectCommand).rejects(new NoSuchKey({ message: 'no such key', $metadata: {} }));
      expect(await files.readOriginal(at())).toBeUndefined();
      const denied = new S3ServiceException({ name: 'AccessDenied', $fault: 'client', $metadata: {} });
      s3.on(GetObjectCommand).rejects(denied);
      await expect(files.readOriginal(at())).rejects.toBe(denied);
    } finally {
      s3.restore();
    }
  });

  it('are removed with the uploads in parts that a killed writer left, which go first: none of them completes afterwards', async () => {
    const s3 = mockClient(S3Client);
    try {
      const files = createS3SourceFiles({ client: createS3Client(TEST_CREDENTIALS), bucket: 'b' });
      const source = at();
      const folder = `users/1/sources/${source.sourceUuid}/2/`;
      const pending = [
        { Key: `${folder}original`, UploadId: 'a' },
        { Key: `${folder}text.txt`, UploadId: 'b' },
      ];
      s3.on(ListMultipartUploadsCommand, { Bucket: 'b', Prefix: folder }).resolves({ Uploads: pending });
      s3.on(AbortMultipartUploadCommand).resolves({});
      s3.on(AbortMultipartUploadCommand, { UploadId: 'a' }).rejects(
        new NoSuchUpload({ message: 'it has just completed', $metadata: {} }),
      );
      s3.on(DeleteObjectCommand).resolves({});
      await files.remove(source);
      const sent = s3.calls().map(({ args: [command] }) => {
        return [command.constructor.name, (command.input as { Key?: string }).Key];
      });
      expect(sent).toEqual([
        ['ListMultipartUploadsCommand', undefined],
        ['AbortMultipartUploadCommand', `${folder}original`],
        ['AbortMultipartUploadCommand', `${folder}text.txt`],
        ['DeleteObjectCommand', `${folder}original`],
        ['DeleteObjectCommand', `${folder}text.txt`],
        ['DeleteObjectCommand', `${folder}result.json`],
      ]);
    } finally {
      s3.restore();
    }
  });

  it('are not taken for removed where S3 does not say so', async () => {
    const s3 = mockClient(S3Client);
    try {
      const files = createS3SourceFiles({ client: createS3Client(TEST_CREDENTIALS), bucket: 'b' });
      const denied = new S3ServiceException({ name: 'AccessDenied', $fault: 'client', $metadata: {} });
      s3.on(ListMultipartUploadsCommand).resolves({ Uploads: [{ Key: 'k', UploadId: 'u' }] });
      s3.on(AbortMultipartUploadCommand).rejects(denied);
      await expect(files.remove(at())).rejects.toBe(denied);
      expect(s3.commandCalls(DeleteObjectCommand)).toEqual([]);
      s3.on(AbortMultipartUploadCommand).resolves({});
      s3.on(DeleteObjectCommand).rejects(denied);
      await expect(files.remove(at())).rejects.toBe(denied);
    } finally {
      s3.restore();
    }
  });

  it('store the original as bytes of no particular kind, whatever the client called it', async () => {
    const s3 = mockClient(S3Client);
    try {
      const files = createS3SourceFiles({ client: createS3Client(TEST_CREDENTIALS), bucket: 'b' });
      s3.on(PutObjectCommand).resolves({});
      const source = at();
      await files.putOriginal(source, Buffer.from('<script>'));
      expect(s3.commandCalls(PutObjectCommand)[0]!.args[0].input).toMatchObject({
        Bucket: 'b',
        Key: `users/1/sources/${source.sourceUuid}/2/original`,
        ContentType: 'application/octet-stream',
      });
    } finally {
      s3.restore();
    }
  });
});
