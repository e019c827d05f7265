import type { IncomingMessage } from 'node:http';

export function declaresMoreThan(request: IncomingMessage, maxBytes: number): boolean {
  return Number(request.headers['content-length'] ?? 0) > maxBytes;
}

/**
 * Reads a whole body, chunked or not, and holds `maxBytes` at the most. The rest of one that is too large is left unread.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too-large' | 'aborted'> {
  if (declaresMoreThan(request, maxBytes)) return 'too-large';
  const { promise, resolve } = Promise.withResolvers<Buffer | 'too-large' | 'aborted'>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > maxBytes) resolve('too-large');
  };
  request.on('data', onData);
  request.once('end', () => resolve(Buffer.concat(chunks)));
  request.once('close', () => resolve('aborted'));
  request.on('error', () => resolve('aborted'));
  const body = await promise;
  request.off('data', onData);
  return body;
}
