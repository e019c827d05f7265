/**
 * Names of fields whose value is never shown, compared without case, dashes and underscores. What a file is called and what
 * stands in it belong to its user.
 */
const SECRET_NAME =
  /api-?key|authorization|cookie|credential|passw|secret|signature|token|query-?string|^query$|presigned|access-?key|file-?name|preview/i;

const REDACTED = '[redacted]';

/** Credentials stand before the host of a URL; signatures and tokens travel in its query, or behind its `#`. */
const URL_SECRETS = /([a-z][a-z0-9+.-]{0,20}:\/\/)(?:[^\s/?#@"']*@)?([^\s?#"']*)([?#][^\s"']*)?/gi;

/** A query without its URL, as in the path of a request. */
const BARE_QUERY = /\?[^\s"'=?]{1,100}=[^\s"']*/g;

/** An API key of ours, wherever it stands: in a header that somebody quoted, in a command. */
const API_KEY = /\bcap-[\w-]{20,}/g;

/** Deep enough for any data that we log; cycles end here too. */
const MAX_DEPTH = 8;

/** A copy that can be logged: secret-looking fields and the queries of URLs are gone, errors are plain objects. */
export function redact(data: object): Record<string, unknown> {
  return fieldsOf(data, 0);
}

function fieldsOf(data: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      SECRET_NAME.test(name.replaceAll('_', '-')) && value !== undefined ? REDACTED : loggable(value, depth + 1),
    ]),
  );
}

function loggable(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return withoutUrlSecrets(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (value instanceof Error) return errorOf(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((each) => loggable(each, depth + 1));
  return fieldsOf(value, depth);
}

/** By name: the errors of the SDK carry the whole request along, its authorization header included. */
function errorOf(error: Error, depth: number): Record<string, unknown> {
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number; requestId?: string } };
  return {
    name: error.name,
    ...(code !== undefined && { code: loggable(code, depth + 1) }),
    message: withoutUrlSecrets(error.message),
    ...($metadata && { status: $metadata.httpStatusCode, requestId: $metadata.requestId }),
    stack: withoutUrlSecrets(error.stack ?? ''),
    ...(error.cause !== undefined && { cause: loggable(error.cause, depth + 1) }),
  };
}

function withoutUrlSecrets(text: string): string {
  return text
    .replace(URL_SECRETS, (_url, scheme: string, rest: string, query?: string) =>
      [scheme, rest, query ? `?${REDACTED}` : ''].join(''),
    )
    .replace(BARE_QUERY, `?${REDACTED}`)
    .replace(API_KEY, REDACTED);
}
