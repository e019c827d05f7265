import { systemClock } from '../adapters/clock.ts';
import { parseMultipart } from '../adapters/http/parse-multipart.ts';
import { header, rawBody, restHandler } from '../adapters/http/rest.ts';
import { flushing } from '../adapters/metrics.ts';
import { acceptUpload } from '../app/accept-upload.ts';
import { RequestError } from '../domain/errors.ts';
import { MAX_INLINE_BODY_BYTES } from '../domain/limits.ts';
import { parseUploadRequest } from '../domain/requests.ts';
import * as wire from './wiring.ts';

const log = wire.log();
const metrics = wire.metrics();
const apiKeys = wire.apiKeys();
const ports = {
  channels: wire.channels(),
  sources: wire.sources(),
  files: wire.files(),
  queue: wire.queue(),
  shards: wire.shards(),
  limits: wire.limits(),
  clock: systemClock,
  metrics,
};

/** POST /public/sources/upload-source */
const upload = restHandler({ apiKeys, log, allowOrigins: wire.allowOrigins() }, async (event, owner, requestId) => {
  const body = rawBody(event);
  if (body.length > MAX_INLINE_BODY_BYTES) {
    const limit = `a file of up to ${MAX_INLINE_BODY_BYTES / 1e6} MB can be sent`;
    const sentence = `The request is too large: ${limit}, a larger one by its URL in the field content.`;
    throw new RequestError('payload-too-large', sentence);
  }
  const request = parseUploadRequest(await parseMultipart(header(event, 'content-type'), body));
  const source = await acceptUpload(ports, { ...request, owner, correlationId: requestId });
  const { sourceUuid, wsUuid, type, correlationId = requestId } = source;
  log.info('source-accepted', { sourceUuid, wsUuid, type, correlationId, requestId });
  return { status: 200, body: { message: `Processing file: ${request.sourceUuid}` }, correlationId };
});

export const handler = flushing(metrics, upload);
