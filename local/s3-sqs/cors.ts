import type { CorsRule } from '../template/types/s3.ts';

export interface CorsRequest {
  readonly origin: string;
  /** Of the request itself, or the one that a preflight asks for. */
  readonly method: string;
  /** The headers that a preflight asks for, in lower case. */
  readonly requestedHeaders: readonly string[];
}

/** @returns the headers that S3 adds for the first rule that fits; undefined where none does. */
export function corsHeaders(rules: readonly CorsRule[], request: CorsRequest): Record<string, string> | undefined {
  const rule = rules.find((candidate) => allows(candidate, request));
  if (!rule) return undefined;
  const anybody = rule.AllowedOrigins.includes('*');
  return {
    'access-control-allow-origin': anybody ? '*' : request.origin,
    'access-control-allow-methods': rule.AllowedMethods.join(', '),
    ...(anybody ? {} : { 'access-control-allow-credentials': 'true' }),
    ...(request.requestedHeaders.length > 0 && { 'access-control-allow-headers': request.requestedHeaders.join(', ') }),
    ...(rule.ExposedHeaders.length > 0 && { 'access-control-expose-headers': rule.ExposedHeaders.join(', ') }),
    ...(rule.MaxAge !== undefined && { 'access-control-max-age': String(rule.MaxAge) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

function allows(rule: CorsRule, { origin, method, requestedHeaders }: CorsRequest): boolean {
  return (
    rule.AllowedMethods.some((allowed) => allowed === method) &&
    rule.AllowedOrigins.some((pattern) => matches(pattern, origin)) &&
    requestedHeaders.every((header) => rule.AllowedHeaders.some((pattern) => matches(pattern.toLowerCase(), header)))
  );
}

/** A pattern may hold one `*`. */
function matches(pattern: string, text: string): boolean {
  const [head = '', tail] = pattern.split('*', 2);
  if (tail === undefined) return pattern === text;
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
}
