import { createHash, randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryApiKeys } from '../../adapters/memory/api-keys.ts';
import { createMemoryChannels } from '../../adapters/memory/channels.ts';
import { createMemoryLog, type MemoryLog } from '../../adapters/memory/log.ts';
import { createMemoryMetrics, type MemoryMetrics } from '../../adapters/memory/metrics.ts';
import { createMemoryProcessQueue } from '../../adapters/memory/process-queue.ts';
import { createMemorySourceFiles } from '../../adapters/memory/source-files.ts';
import { createMemorySources } from '../../adapters/memory/sources.ts';
import template from '../../events/upload-source.json' with { type: 'json' };

/** The handler itself, wired to memory. */

const KEY = 'key-of-user-1';

let log: MemoryLog;
let metrics: MemoryMetrics;
let sources: ReturnType<typeof createMemorySources>;
let handler: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;

beforeEach(async () => {
  log = createMemoryLog();
  metrics = createMemoryMetrics();
  sources = createMemorySources();
  const queue = createMemoryProcessQueue({ clock: Date });
  vi.resetModules();
  vi.doMock('../../lambdas/wiring.ts', () => ({
    log: () => log,
    metrics: () => metrics,
    apiKeys: () => createMemoryApiKeys({ [createHash('sha256').update(KEY).digest('hex')]: '1' }),
    channels: createMemoryChannels,
    sources: () => sources,
    files: createMemorySourceFiles,
    queue: () => queue,
    shards: () => 4,
    limits: () => ({ channels: 0, sockets: 0, uploads: 0 }),
    allowOrigins: () => [],
  }));
  ({ handler } = await import('../../lambdas/upload-source.ts'));
});

function request(fields: Readonly<Record<string, string>>, correlationId: string): APIGatewayProxyEvent {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const headers = {
    'X-User-ID': '1',
    'X-API-Key': KEY,
    'X-Correlation-Id': correlationId,
    'Content-Type': 'multipart/form-data; boundary=X',
  };
  return {
    ...template,
    headers,
    body: `${parts.join('')}--X--\r\n`,
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEvent;
}

const fields = () => ({ 'ws-uuid': randomUUID(), 'source-uuid': randomUUID(), content: 'https://example.com/a.pdf' });

describe('an upload', () => {
  it('is known by the correlation id of its request: in the record, the answer and the log', async () => {
    const upload = fields();
    const { statusCode, headers, body } = await handler(request(upload, 'the-request'));
    expect([statusCode, headers!['x-correlation-id']]).toEqual([200, 'the-request']);
    expect(JSON.parse(body)).toEqual({ message: `Processing file: ${upload['source-uuid']}` });
    expect(await sources.get(upload['source-uuid'])).toMatchObject({ correlationId: 'the-request' });
    expect(log.of('source-accepted')).toMatchObject([
      { sourceUuid: upload['source-uuid'], type: 'url-upload', correlationId: 'the-request' },
    ]);
  });

  it('that is sent again is answered with the correlation id of its first request', async () => {
    const upload = fields();
    await handler(request(upload, 'the-first-request'));
    const { headers } = await handler(request(upload, 'another-request'));
    expect(headers!['x-correlation-id']).toBe('the-first-request');
    expect(log.of('source-accepted')[1]).toMatchObject({
      correlationId: 'the-first-request',
      requestId: 'another-request',
    });
  });

  it('has its measurements written when it is answered, also where it was refused', async () => {
    await handler(request(fields(), 'the-request'));
    expect([metrics.total('SourcesAccepted'), metrics.flushes]).toEqual([1, 1]);
    expect((await handler(request({}, 'the-request'))).statusCode).toBe(400);
    expect([metrics.total('SourcesAccepted'), metrics.flushes]).toEqual([1, 2]);
  });
});
