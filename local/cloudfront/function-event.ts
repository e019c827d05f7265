import type { HeaderList, ViewerRequest } from './viewer-request.ts';

/** The function gave back something that CloudFront does not accept. */
export class FunctionResultError extends Error {
  readonly code = 'FUNCTION_RESULT';
  /** 502 where a header rule is broken, 503 where the object itself is not valid. */
  readonly statusCode: 502 | 503;

  constructor(statusCode: 502 | 503, message: string) {
    super(message);
    this.name = 'FunctionResultError';
    this.statusCode = statusCode;
  }
}

interface MultiValue {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}

type MultiValues = Readonly<Record<string, MultiValue>>;

export interface FunctionContext {
  readonly distributionDomainName: string;
  readonly distributionId: string;
  readonly requestId: string;
}

export interface GeneratedResponse {
  readonly statusCode: number;
  readonly statusDescription: string | undefined;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/** Neither shown to a function nor to be added by it: .../DeveloperGuide/edge-function-restrictions-all.html. */
const DISALLOWED =
  /^(connection|expect|keep-alive|proxy-(authenticate|authorization|connection)|trailer|upgrade|x-accel-.*|x-amz-cf-.*|x-amzn-(auth|cf-.*|errortype|fle-profile|header-.*|lambda-integration-tag|requestid)|x-cache|x-edge-.*|x-forwarded-proto|x-real-ip)$/;

/** Readable in a viewer request, but not to be changed. */
const READ_ONLY = ['content-length', 'host', 'transfer-encoding', 'via'];

/** The event of a viewer-request function. Values stay encoded as the viewer sent them. */
export function functionEvent(request: ViewerRequest, context: FunctionContext) {
  const cookieHeader = request.headers.filter(([name]) => name === 'cookie').map(([, value]) => value);
  return {
    version: '1.0',
    context: { ...context, eventType: 'viewer-request' },
    viewer: { ip: request.ip },
    request: {
      method: request.method,
      uri: request.uri,
      querystring: group(split(request.querystring, '&')),
      headers: group(request.headers.filter(([name]) => name !== 'cookie' && !DISALLOWED.test(name))),
      cookies: group(split(cookieHeader.join('; '), ';')),
    },
  };
}

function split(text: string, separator: string): [string, string][] {
  return text
    .split(separator)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    });
}

function group(pairs: HeaderList): MultiValues {
  return Object.fromEntries(
    [...Map.groupBy(pairs, ([name]) => name)].map(([name, group]) => {
      const values = group.map(([, value]) => ({ value }));
      return [name, values.length === 1 ? values[0]! : { value: values[0]!.value, multiValue: values }];
    }),
  );
}

/** @throws FunctionResultError */
export function readFunctionResult(result: unknown, request: ViewerRequest): ViewerRequest | GeneratedResponse {
  if (!isObject(result)) throw new FunctionResultError(503, 'the function returned no object');
  return 'statusCode' in result ? readResponse(result) : readRequest(result, request);
}

function readRequest(result: Record<string, unknown>, request: ViewerRequest): ViewerRequest {
  const { uri } = result;
  if (typeof uri !== 'string' || !uri.startsWith('/'))
    throw new FunctionResultError(503, 'the uri has to start with a slash');
  if (result.method !== request.method) throw new FunctionResultError(503, 'the method cannot be changed');
  const headers = ungroup(result.headers, 'headers').map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name] of headers) {
    if (DISALLOWED.test(name)) throw new FunctionResultError(502, `the header ${name} cannot be added`);
  }
  for (const name of READ_ONLY) {
    if (valuesOf(headers, name) !== valuesOf(request.headers, name)) {
      throw new FunctionResultError(502, `the header ${name} is read-only`);
    }
  }
  const cookies = ungroup(result.cookies, 'cookies').map(pairText).join('; ');
  const hidden = request.headers.filter(([name]) => DISALLOWED.test(name));
  return {
    ...request,
    uri,
    querystring: ungroup(result.querystring, 'querystring').map(pairText).join('&'),
    headers: [...hidden, ...headers, ...(cookies === '' ? [] : [['cookie', cookies] as const])],
  };
}

function readResponse(result: Record<string, unknown>): GeneratedResponse {
  const { statusCode, statusDescription, body } = result;
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599) {
    throw new FunctionResultError(503, 'the statusCode is not valid');
  }
  return {
    statusCode,
    statusDescription: typeof statusDescription === 'string' ? statusDescription : undefined,
    headers: ungroup(result.headers, 'headers').map(([name, value]) => [name.toLowerCase(), value]),
    body: readBody(body),
  };
}

function readBody(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (isObject(body) && typeof body.data === 'string' && (body.encoding === 'text' || body.encoding === 'base64')) {
    return Buffer.from(body.data, body.encoding === 'text' ? 'utf8' : 'base64');
  }
  throw new FunctionResultError(503, 'the body is not valid');
}

function ungroup(values: unknown, field: string): [string, string][] {
  if (values === undefined) return [];
  if (!isObject(values)) throw new FunctionResultError(503, `${field} is not an object`);
  return Object.entries(values).flatMap(([name, entry]) => {
    const multiple = isObject(entry) && Array.isArray(entry.multiValue) ? entry.multiValue : [entry];
    return multiple.map((each): [string, string] => {
      if (!isObject(each) || typeof each.value !== 'string')
        throw new FunctionResultError(503, `${field}.${name} has no string value`);
      return [name, each.value];
    });
  });
}

function pairText([name, value]: readonly [string, string]): string {
  return `${name}=${value}`;
}

function valuesOf(headers: HeaderList, name: string): string {
  return JSON.stringify(headers.filter(([each]) => each === name).map(([, value]) => value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
