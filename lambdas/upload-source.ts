import { systemClock } from '../adapters/clock.ts';
import { parseMultipart } from '../adapters/http/parse-multipart.ts';
import { header, rawBody, restHandler } from '../adapters/http/rest.ts';
import { acceptUpload } from '../app/accept-upload.ts';
import { RequestError } from '../domain/errors.ts';
import { MAX_INLINE_BODY_BYTES } from '../domain/limits.ts';
import { parseUploadRequest } from '../domain/requests.ts';
import * as wire from './wiring.ts';

const log = wire.log();
const apiKeys = wire.apiKeys();
const ports = {
  channels: wire.channels(),
  sources: wire.sources(),
  files: wire.files(),
  queue: wire.queue(),
  shards: wire.shards(),
  clock: systemClock,
};

/** POST /public/sources/upload-source */
export const handler = restHandler({ apiKeys, log }, async (event, owner) => {
  const body = rawBody(event);
  if (body.length > MAX_INLINE_BODY_BYTES) {
    const limit = `a file of up to ${MAX_INLINE_BODY_BYTES / 1e6} MB can be sent`;
    const sentence = `The request is too large: ${limit}, a larger one by its URL in the field content.`;
    throw new RequestError('payload-too-large', sentence);
  }
  const upload = parseUploadRequest(await parseMultipart(header(event, 'content-type'), body));
  await acceptUpload(ports, { ...upload, owner });
  log.info('source-accepted', { sourceUuid: upload.sourceUuid, wsUuid: upload.wsUuid });
  return { status: 200, body: { message: `Processing file: ${upload.sourceUuid}` } };
});
