import { Readable } from 'node:stream';
import type { Source, SourceFiles } from '../../app/ports.ts';
import { type FormFrame, frameFile } from './multipart-body.ts';

/** One call of the upstream, as `docs/upstream.md` has it. It is made anew for each try, and MUST be disposed of. */
export interface UpstreamRequest extends Disposable {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What of the body is the source's own: the file, or the JSON that stands for a URL. */
  readonly bytes: number;
  /** To be iterated once. `onSent` is told how many of `bytes` the connection has taken. */
  body(onSent: (bytes: number) => void): AsyncIterable<Uint8Array>;
}

/** Throws where the original cannot be read: that is no fault of the source. */
export async function requestFor(source: Source, files: Pick<SourceFiles, 'readOriginal'>): Promise<UpstreamRequest> {
  return source.type === 'url-upload' ? urlRequest(source) : await fileRequest(source, files);
}

function urlRequest(source: Source): UpstreamRequest {
  const { sourceUuid, filename, url } = source;
  const json = Buffer.from(
    JSON.stringify({ 'source-id': sourceUuid, ...(filename !== '' && { filename }), content: writtenOut(url!) }),
  );
  return {
    path: '/sources/upload-source/sync',
    headers: { ...headersOf(source), 'content-type': 'application/json', 'content-length': String(json.byteLength) },
    bytes: json.byteLength,
    async *body(onSent) {
      yield json;
      onSent(json.byteLength);
    },
    [Symbol.dispose]: () => {},
  };
}

/**
 * As the guard understood it. What was typed is read in other ways by other parsers: to curl and Python the host of
 * `http://public\\@private/` is the private one, and the guard had looked at the public one.
 */
function writtenOut(url: string): string {
  return new URL(url).href;
}

async function fileRequest(source: Source, files: Pick<SourceFiles, 'readOriginal'>): Promise<UpstreamRequest> {
  const original = await files.readOriginal(source);
  if (!original) throw new Error('the original is not there');
  const { bytes } = original;
  // Without a name a part is a text field to many servers.
  const filename = source.filename || source.sourceUuid;
  const frame = frameFile({ 'source-id': source.sourceUuid, filename }, filename);
  const length = frame.before.byteLength + bytes + frame.after.byteLength;
  return {
    path: '/sources/upload-source/file',
    headers: { ...headersOf(source), 'content-type': frame.contentType, 'content-length': String(length) },
    bytes,
    body: (onSent) => framed(frame, original, onSent),
    [Symbol.dispose]: () => letGo(original.body),
  };
}

/**
 * Whose source it is, a name for all tries of this upload together, by which what was taken already can be known, and the
 * name that our logs have for it: those of the upstream can be searched for the same.
 */
function headersOf({ owner, sourceUuid, generation, correlationId }: Source): Record<string, string> {
  return {
    'user-agent': 'source-upload-service',
    accept: 'application/json',
    'accept-encoding': 'identity',
    'x-user-id': owner,
    'idempotency-key': `"${sourceUuid}#${generation}"`,
    ...(correlationId !== undefined && { 'x-correlation-id': correlationId }),
  };
}

async function* framed(
  frame: FormFrame,
  original: { readonly bytes: number; readonly body: AsyncIterable<Uint8Array> },
  onSent: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  yield frame.before;
  let sent = 0;
  for await (const chunk of original.body) {
    // Asked for the next chunk, the connection has room again: this one is on its way.
    yield chunk;
    sent += chunk.byteLength;
    onSent(sent);
  }
  // Its length is in the headers, which have gone out.
  if (sent !== original.bytes) throw new Error(`the original has ${original.bytes} bytes, and ${sent} came`);
  yield frame.after;
}

function letGo(body: AsyncIterable<Uint8Array>): void {
  // A stream that was never read is not ended by the end of its iterator, nor at once by that of a pending read.
  if (body instanceof Readable) body.on('error', () => {}).destroy();
  else
    body[Symbol.asyncIterator]()
      .return?.()
      .catch(() => undefined);
}
