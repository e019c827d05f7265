import { randomUUID } from 'node:crypto';
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kindsOf, type Listener, listen, type Message, OWN_CONNECTION } from './client.ts';
import { type RedisKind, type Service, startService } from './service.ts';
import { slowPdf } from './slow-pdf.ts';

const REGION = 'us-east-1';

/** A bound for a hang, well below what a fetch (60 s) or a document (30 s) may take: whatever ends by then was stopped. */
const STOPPED = { timeout: 15_000, interval: 50 };

/** What is stored, past the service. */
function createStores({ stack }: Service) {
  const { credentials, endpoints } = stack;
  const { SOURCES_BUCKET: Bucket, PROCESS_QUEUE_URL: QueueUrl } = stack.functions.get('process')!.environment;
  const s3 = new S3Client({ endpoint: endpoints.s3, region: REGION, credentials, forcePathStyle: true });
  const sqs = new SQSClient({ endpoint: endpoints.sqs, region: REGION, credentials });
  return {
    async keysOf(sourceUuid: string): Promise<string[]> {
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return (Contents ?? []).map(({ Key }) => Key!).filter((key) => key.includes(sourceUuid));
    },
    /** Of all sources. */
    async uploadsInParts(): Promise<number> {
      const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
      return Uploads?.length ?? 0;
    },
    /** Waiting or being worked on: a message is gone when its worker has ended. */
    async messages(): Promise<number> {
      const waiting = 'ApproximateNumberOfMessages';
      const underWay = 'ApproximateNumberOfMessagesNotVisible';
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [waiting, underWay] });
      const { Attributes } = await sqs.send(command);
      return Number(Attributes?.[waiting]) + Number(Attributes?.[underWay]);
    },
    [Symbol.dispose]() {
      s3.destroy();
      sqs.destroy();
    },
  };
}

export function describeCancelling(redis: RedisKind): void {
  describe(`cancelling, on the ${redis} Redis`, () => {
    let service: Service;
    let stores: ReturnType<typeof createStores>;
    beforeAll(async () => {
      service = await startService(redis);
      stores = createStores(service);
    });
    afterAll(async () => {
      stores?.[Symbol.dispose]();
      await service?.[Symbol.asyncDispose]();
    });

    async function uploaded(content: { file: File } | { content: string }): Promise<Listener & { sourceUuid: string }> {
      const [wsUuid, sourceUuid] = [randomUUID(), randomUUID()];
      const { body } = await service.client.register(wsUuid);
      const listener = await listen(String(body['ws-address']));
      const { status } = await service.client.upload({ 'ws-uuid': wsUuid, 'source-uuid': sourceUuid, ...content });
      expect(status).toBe(200);
      return { ...listener, sourceUuid };
    }

    /** The answer, the socket, and then the stores, when nobody is at work any more. */
    async function expectCancelled({ sourceUuid, messages, closed }: Awaited<ReturnType<typeof uploaded>>) {
      const cancelled = {
        status: 'failure',
        code: 'cancelled',
        error: expect.stringMatching(/^The source was cancelled/),
      };
      expect(await service.client.cancel(sourceUuid)).toMatchObject({ status: 202, body: cancelled });
      await closed;
      expect(messages.at(-1)).toMatchObject({ ...cancelled, result: 'Error', 'source-uuid': sourceUuid });
      expect(messages.filter(isEnd)).toHaveLength(1);
      await expect.poll(() => stores.messages(), STOPPED).toBe(0);
      expect(await stores.keysOf(sourceUuid)).toEqual([]);
      expect(await stores.uploadsInParts()).toBe(0);
      expect(await service.client.status(sourceUuid)).toMatchObject({ status: 200, body: cancelled });
    }

    it('stops the fetch of a slow URL, in the middle of it', async () => {
      const gone = Promise.withResolvers<void>();
      service.web.answerWith((_, response) => {
        response.on('close', gone.resolve);
        response.setHeader('content-length', 50_000_000);
        response.write(Buffer.alloc(7_000_000, 'x')); // a part of it is at S3 by then
      });
      const upload = await uploaded({ content: `http://localhost:${service.web.port}/slow` });
      await upload.until((message) => message.stage === 'fetch' && Number(message.bytes) > 6_000_000);
      await expectCancelled(upload);
      await gone.promise;
      expect(kindsOf(upload.messages)).toEqual(['step', 'received', 'fetch', 'failure']);
    });

    it('stops the reading of a slow document', async () => {
      const upload = await uploaded({ file: slowPdf(8_000) });
      await upload.until((message) => message.stage === 'extract');
      await expectCancelled(upload);
      expect(kindsOf(upload.messages)).toEqual(['step', 'received', 'extract', 'failure']);
    });

    it('answers its end for a source that has ended, which stays', async () => {
      const { sourceUuid, messages } = await service.client.whole({ file: new File(['Done.'], 'done.txt') });
      const { result } = messages.at(-1)!;
      expect(await service.client.cancel(sourceUuid)).toMatchObject({
        status: 200,
        body: { status: 'success', result },
      });
      expect(await stores.keysOf(sourceUuid)).toHaveLength(3);
    });

    it('is for the owner of the source alone', async () => {
      const { sourceUuid } = await service.client.whole({ file: new File(['Mine.'], 'mine.txt') });
      const unknown = { status: 404, body: { code: 'unknown-source' } };
      expect(await service.other.cancel(sourceUuid)).toMatchObject(unknown);
      expect(await service.client.cancel(randomUUID())).toMatchObject(unknown);
      expect(await service.client.cancel('no-uuid')).toMatchObject({
        status: 400,
        body: { code: 'source-uuid-invalid' },
      });
      const address = `${service.client.url}/public/sources/${sourceUuid}`;
      const anonymous = await fetch(address, { method: 'DELETE', headers: OWN_CONNECTION });
      expect(anonymous.status).toBe(401);
    });

    it('may be asked for by any page', async () => {
      const preflight = await fetch(`${service.client.url}/public/sources/${randomUUID()}`, {
        method: 'OPTIONS',
        headers: { ...OWN_CONNECTION, origin: 'https://example.com', 'access-control-request-method': 'DELETE' },
      });
      expect(preflight.ok).toBe(true);
      expect(preflight.headers.get('access-control-allow-methods')).toContain('DELETE');
    });
  });
}

function isEnd({ status }: Message): boolean {
  return status === 'success' || status === 'failure';
}
