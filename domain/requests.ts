import { RequestError } from './errors.ts';
import { isUuid } from './ids.ts';
import { MAX_BATCH_SIZE, MAX_FILENAME_LENGTH } from './limits.ts';
import { mediaTypeOf } from './media-type.ts';

/** The bodies of the two calls, checked. Everything here throws RequestError with a code of its own for each mistake. */

export interface WsAddressRequest {
  readonly wsUuid: string;
  readonly batchSize?: number;
}

export function parseWsAddressRequest(body: unknown): WsAddressRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RequestError('invalid-request', 'Send a JSON object: {"ws-uuid": "<a UUID>"}.');
  }
  const { 'ws-uuid': wsUuid, 'batch-size': batchSize } = body as Record<string, unknown>;
  const request = { wsUuid: requireUuid('ws-uuid', wsUuid) };
  if (batchSize === undefined || batchSize === null) return request;
  if (!Number.isInteger(batchSize) || (batchSize as number) < 1 || (batchSize as number) > MAX_BATCH_SIZE) {
    throw new RequestError('batch-size-invalid', `batch-size must be a whole number from 1 to ${MAX_BATCH_SIZE}.`);
  }
  return { ...request, batchSize: batchSize as number };
}

export function requireUuid(name: 'ws-uuid' | 'source-uuid', value: unknown): string {
  if (value === undefined || value === null || value === '') {
    throw new RequestError(`${name}-missing`, `The field ${name} is missing.`);
  }
  if (typeof value !== 'string' || !isUuid(value)) {
    throw new RequestError(
      `${name}-invalid`,
      `The field ${name} must be a UUID, like 3f2b8c1e-5a74-4c0e-9d6b-7e1f0a9b2c3d.`,
    );
  }
  return value;
}

/** A form as it was sent. */
export interface UploadForm {
  readonly fields: ReadonlyMap<string, string>;
  readonly file?: { readonly filename: string; readonly mediaType?: string; readonly bytes: Uint8Array };
}

export interface UploadRequest {
  readonly wsUuid: string;
  readonly sourceUuid: string;
  readonly filename: string;
  /** `mediaType`: as its sender says. */
  readonly content: { readonly file: Uint8Array; readonly mediaType?: string } | { readonly url: string };
}

export function parseUploadRequest({ fields, file }: UploadForm): UploadRequest {
  const wsUuid = requireUuid('ws-uuid', fields.get('ws-uuid'));
  const sourceUuid = requireUuid('source-uuid', fields.get('source-uuid'));
  const url = fields.get('content') || undefined;
  // A browser sends a file input that was left empty as a nameless file without bytes.
  const chosen = file && (file.filename !== '' || file.bytes.length > 0) ? file : undefined;
  if (chosen && url !== undefined) {
    throw new RequestError('file-and-content', 'Send either a file or, in content, a URL: not both.');
  }
  if (chosen) {
    if (chosen.bytes.length === 0)
      throw new RequestError('empty-file', 'This file is empty: there is nothing to process.');
    const mediaType = mediaTypeOf(chosen.mediaType);
    return {
      wsUuid,
      sourceUuid,
      filename: displayName(fields.get('filename') ?? '') || displayName(chosen.filename),
      content: { file: chosen.bytes, ...(mediaType !== undefined && { mediaType }) },
    };
  }
  if (url === undefined) {
    throw new RequestError('file-or-content-missing', 'Send a file in the field file, or a URL in the field content.');
  }
  return {
    wsUuid,
    sourceUuid,
    filename: displayName(fields.get('filename') ?? ''),
    content: { url: requireHttpUrl(url) },
  };
}

function requireHttpUrl(text: string): string {
  const url = URL.parse(text.trim());
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new RequestError('content-not-a-url', 'What is to be fetched (content) must be an http or https URL.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new RequestError('content-not-a-url', 'The URL in content must not carry a user name or a password.');
  }
  return text.trim();
}

/** Shown, never used: control characters go, and a name without end is cut, where nothing stays of a character that is halved. */
function displayName(name: string): string {
  return name
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_FILENAME_LENGTH)
    .replace(/\p{Cs}/gu, '');
}
