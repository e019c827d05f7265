/**
 * Names of fields whose value is never shown, compared without case, dashes and underscores. What a file is called and what
 * stands in it belong to its user.
 */
const SECRET_NAME =
  /api-?key|authorization|cookie|credential|passw|secret|signature|token|query-?string|^query$|presigned|access-?key|file-?name|preview/i;

const REDACTED = '[redacted]';

const URL_TEXT = /([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s"']*)/gi;

/** A query without its URL, as in the path of a request. */
const BARE_QUERY = /\?[^\s"'=?]{1,100}=[^\s"']*/g;

/** Where it stands in no quotes, to the end of the line: a value may be made of several words. */
const HEADER = /\b(authorization|(?:set-)?cookie)(\\?["'])?\s{0,3}[:=]\s{0,3}(?:\\?["'][^"'\r\n]*|[^\s"'][^\r\n]*)/gi;

const BEARER = /\b(bearer\s{1,3})[\w.~+/=-]+/gi;

/** As in a command, a connection string or an environment: `password=…`, `AWS_SECRET_ACCESS_KEY=…`, `token = "…"`. */
const ASSIGNED =
  /((?:passw|pwd|secret|token|api[-_]?key|access[-_]?key)[\w-]{0,40}(?:\\?["'])?\s{0,3}=\s{0,3})(?:\\?["'][^"'\r\n]*|[^\s"']+)/gi;

/** As in a header or an object. A token is one with a quote or a longer name alone: sentences have them, before a colon too. */
const NAMED =
  /((?:passw|pwd|secret|api[-_]?key|access[-_]?key|(?<=[-_"'])token)[\w-]{0,40}(?:\\?["'])?\s{0,3}:(?=[\s"'\\])\s{0,3})(?:\\?["'][^"'\r\n]*|[^\s"']+)/gi;

/** An API key of ours, wherever it stands: in a header that somebody quoted, in a command. */
const API_KEY = /\bcap-[\w-]{20,}/g;

/** Deep enough for any data that we log; cycles end here too. */
const MAX_DEPTH = 8;

/** A copy that can be logged: secret-looking fields, and what looks like a secret in a text, are gone; errors are plain objects. */
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
  if (typeof value === 'string') return withoutSecrets(value);
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
    message: withoutSecrets(error.message),
    ...($metadata && { status: $metadata.httpStatusCode, requestId: $metadata.requestId }),
    stack: withoutSecrets(error.stack ?? ''),
    ...(error.cause !== undefined && { cause: loggable(error.cause, depth + 1) }),
    // A connect that failed at each address of a host has its reasons here, and no message of its own.
    ...(error instanceof AggregateError && { errors: loggable(error.errors, depth + 1) }),
  };
}

function withoutSecrets(text: string): string {
  return text
    .replace(URL_TEXT, (_url, scheme: string, rest: string) => scheme + withoutUrlSecrets(rest))
    .replace(BARE_QUERY, `?${REDACTED}`)
    .replace(HEADER, `$1$2: ${REDACTED}`)
    .replace(BEARER, `$1${REDACTED}`)
    .replace(ASSIGNED, `$1${REDACTED}`)
    .replace(NAMED, `$1${REDACTED}`)
    .replace(API_KEY, REDACTED);
}

/** Credentials stand before the host of a URL; signatures and tokens travel in its query, or behind its `#`. */
function withoutUrlSecrets(rest: string): string {
  const authority = /^[^/?#]*/.exec(rest)![0];
  // A password that was not encoded may hold a slash, and look like a host and a path before its @.
  if (/[:@]/.test(authority) && rest.lastIndexOf('@') >= authority.length) return REDACTED;
  // Some have them behind the host, as in sqlserver://host;password=…
  if (/;.*@/s.test(authority)) return REDACTED;
  return rest.slice(authority.lastIndexOf('@') + 1).replace(/[?#].*/s, `?${REDACTED}`);
}
