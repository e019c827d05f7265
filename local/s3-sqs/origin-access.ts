import type { OpenStores } from './stores.ts';

export interface StoredObject {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * What S3 answers to CloudFront's signed read. A key that is not there is 403 and not 404: that CloudFront may read
 * objects does not let it know which there are.
 */
export function readObject(objects: OpenStores['s3Store'], bucket: string, key: string): StoredObject {
  if (objects.listObjects(bucket, { prefix: key, maxKeys: 1 }).objects[0]?.key !== key) {
    const body =
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
    return { status: 403, headers: { 'content-type': 'application/xml' }, body: Buffer.from(body) };
  }
  const { body, contentType, etag, lastModified, cacheControl, contentDisposition, contentEncoding, contentLanguage } =
    objects.getObject(bucket, key);
  const headers = {
    'content-type': contentType,
    etag,
    'last-modified': lastModified.toUTCString(),
    'accept-ranges': 'bytes',
    ...(cacheControl && { 'cache-control': cacheControl }),
    ...(contentDisposition && { 'content-disposition': contentDisposition }),
    ...(contentEncoding && { 'content-encoding': contentEncoding }),
    ...(contentLanguage && { 'content-language': contentLanguage }),
  };
  return { status: 200, headers, body };
}
