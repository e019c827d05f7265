import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from './credentials.ts';

export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they stood in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

export type Refusal =
  | 'AccessDenied'
  | 'InvalidAccessKeyId'
  | 'SignatureDoesNotMatch'
  | 'AuthorizationQueryParametersError';

export type Verdict =
  | { readonly allowed: true; readonly principal: Principal }
  | { readonly allowed: false; readonly code: Refusal; readonly message: string };

/** AWS refuses a presigned URL that would live longer. */
const MAX_EXPIRES_S = 7 * 24 * 3600; // 7 days

export function isPresigned(target: string): boolean {
  return /[?&]X-Amz-(Signature|Algorithm|Credential)=/.test(target);
}

/** Who a request with an `Authorization` header says it is of; the signature itself is not checked. */
export function accessKeyIdOf(headers: IncomingHttpHeaders): string | undefined {
  return /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
}

/**
 * An `Authorization` header that says whose a call is. For the runtime's own, without the SDK: the local services look at who
 * signs, not at the signature.
 */
export function claimOf(accessKeyId: string, service: string, now = new Date()): string {
  const scope = `${now.toISOString().slice(0, 10).replaceAll('-', '')}/us-east-1/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=0`;
}

/**
 * Checks a presigned URL as S3 does: nothing of what was signed may have changed, and its time must not be over.
 * @param payload the hash of the body that was signed. Default: that of S3, which signs none.
 */
export function verifyPresigned(
  request: SignedRequest,
  find: (accessKeyId: string) => Principal | undefined,
  now: number,
  payload = 'UNSIGNED-PAYLOAD',
): Verdict {
  const { query } = splitTarget(request.target);
  const value = (name: string): string => query.find(([key]) => key === name)?.[1] ?? '';
  const [accessKeyId = '', date = '', region = '', service = '', terminator = ''] =
    value('X-Amz-Credential').split('/');
  const signedAt = parseTime(value('X-Amz-Date'));
  const expires = Number(value('X-Amz-Expires'));
  if (signedAt === undefined || terminator !== 'aws4_request' || !(expires > 0 && expires <= MAX_EXPIRES_S)) {
    return refuse('AuthorizationQueryParametersError', 'Query-string authentication is malformed.');
  }
  const principal = find(accessKeyId);
  if (!principal)
    return refuse('InvalidAccessKeyId', 'The AWS access key ID you provided does not exist in our records.');
  const scope = { date, region, service, time: value('X-Amz-Date') };
  const canonical = canonicalRequest(request, value('X-Amz-SignedHeaders'), payload);
  const expected = sign(canonical, scope, principal.secretAccessKey);
  if (!equal(expected, value('X-Amz-Signature'))) {
    return refuse('SignatureDoesNotMatch', 'The signature that was calculated does not match the one provided.');
  }
  if (now > signedAt + expires * 1000) return refuse('AccessDenied', 'Request has expired');
  return { allowed: true, principal };
}

function refuse(code: Refusal, message: string): Verdict {
  return { allowed: false, code, message };
}

function canonicalRequest({ method, target, headers }: SignedRequest, signedHeaders: string, payload: string): string {
  const { path, query } = splitTarget(target);
  const canonicalQuery = query
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonicalHeaders = signedHeaders.split(';').map((name) => `${name}:${headerValue(headers, name)}\n`);
  const canonicalPath = path.split('/').map(encode).join('/');
  return [method, canonicalPath, canonicalQuery, canonicalHeaders.join(''), signedHeaders, payload].join('\n');
}

function headerValue(headers: IncomingHttpHeaders, name: string): string {
  return [headers[name] ?? ''].flat().join(',').trim().replaceAll(/ +/g, ' ');
}

/** Both decoded. S3 encodes once, whatever the client's own way of writing it was. */
function splitTarget(target: string): { path: string; query: [string, string][] } {
  const [path = '/', search = ''] = target.split('?', 2);
  const query = search
    .split('&')
    .filter(Boolean)
    .map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
  return { path: decode(path), query };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 3986, which leaves fewer characters alone than JavaScript's own. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sign(
  canonical: string,
  scope: { date: string; region: string; service: string; time: string },
  secretAccessKey: string,
): string {
  const { date, region, service, time } = scope;
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const stringToSign = ['AWS4-HMAC-SHA256', time, `${date}/${region}/${service}/aws4_request`, hashed].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  return hmac(key, stringToSign).toString('hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function equal(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

/** `20260131T235959Z`. */
function parseTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
