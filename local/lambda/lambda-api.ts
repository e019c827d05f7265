import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { lambdaCall } from '../faults/http-calls.ts';
import { type HttpFaults, putFaultsBefore } from '../faults/http-faults.ts';
import { listenOnLoopback } from '../http/loopback.ts';
import { accessKeyIdOf } from '../iam/signature-v4.ts';
import { encodeEvent } from './event-stream.ts';
import { functionArn, type Place } from './function-name.ts';
import type { InvocationRequest, Invoker } from './invoker.ts';
import { LambdaError, type LambdaErrorCode } from './lambda-error.ts';
import { MAX_ASYNC_PAYLOAD_BYTES, MAX_SYNC_PAYLOAD_BYTES } from './limits.ts';

export interface LambdaCall {
  /** Of the request's signature; undefined where it has none. */
  readonly accessKeyId: string | undefined;
  /** Streaming too is allowed by lambda:InvokeFunction. */
  readonly action: 'lambda:InvokeFunction';
  readonly functionArn: string;
}

/** @returns why the call is refused; undefined: it is allowed. */
export type Authorize = (call: LambdaCall) => LambdaError | undefined;

export interface LambdaApiOptions extends Place {
  readonly invoker: Invoker;
  readonly authorize?: Authorize;
  readonly faults?: HttpFaults;
}

const STATUS: Record<LambdaErrorCode, number> = {
  AccessDeniedException: 403,
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  MissingAuthenticationTokenException: 403,
  RequestTooLargeException: 413,
  ResourceNotFoundException: 404,
  ServiceException: 500,
  TooManyRequestsException: 429,
  UnknownOperationException: 404,
  UnrecognizedClientException: 403,
};

const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const INVOKE_STREAMING = /^\/2021-11-15\/functions\/([^/]+)\/response-streaming-invocations$/;

/** The part of the Lambda API that a function needs to invoke another: Invoke and InvokeWithResponseStream. */
export async function startLambdaApi(options: LambdaApiOptions): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const requestId = randomUUID();
    response.setHeader('x-amzn-RequestId', requestId);
    answer(options, request, response, requestId).catch((error) => refuse(response, error));
  });
  // A client that is frozen keeps its connection for as long as it takes. Closing it meanwhile would be
  // seen by the client only when it uses it again.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  if (options.faults) putFaultsBefore(server, lambdaCall, options.faults);
  const listening = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

async function answer(
  options: LambdaApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://lambda');
  const plain = INVOKE.exec(url.pathname);
  const streaming = INVOKE_STREAMING.exec(url.pathname);
  const reference = plain?.[1] ?? streaming?.[1];
  if (request.method !== 'POST' || reference === undefined) {
    throw new LambdaError(
      'UnknownOperationException',
      `The local Lambda service has no ${request.method} ${url.pathname}.`,
    );
  }
  const qualifier = url.searchParams.get('Qualifier');
  const functionName = decode(reference) + (qualifier === null ? '' : `:${qualifier}`);
  permit(options, request, functionName);
  options.invoker.configOf(functionName);
  const type = invocationType(request, streaming !== null);
  const event = await eventOf(request, type === 'Event' ? MAX_ASYNC_PAYLOAD_BYTES : MAX_SYNC_PAYLOAD_BYTES);
  const invocation = { event, requestId, traceId: request.headers['x-amzn-trace-id']?.toString() };
  response.setHeader('X-Amz-Executed-Version', '$LATEST');
  if (type === 'DryRun') {
    response.writeHead(204).end();
  } else if (type === 'Event') {
    options.invoker.queue(functionName, invocation);
    response.writeHead(202).end();
  } else if (streaming) {
    await stream(options.invoker, functionName, invocation, response);
  } else {
    const { functionError, payload } = await options.invoker.request(functionName, invocation);
    if (functionError) response.setHeader('X-Amz-Function-Error', functionError);
    response.writeHead(200, { 'content-type': 'application/json' }).end(payload);
  }
}

function permit({ authorize, ...place }: LambdaApiOptions, request: IncomingMessage, functionName: string): void {
  const accessKeyId = accessKeyIdOf(request.headers);
  const arn = functionArn(place, functionName);
  const refusal = authorize?.({ accessKeyId, action: 'lambda:InvokeFunction', functionArn: arn });
  if (refusal !== undefined) throw refusal;
}

/**
 * The frames go out as the handler writes. A caller that leaves does not stop the function: what it writes from then on goes
 * nowhere.
 */
async function stream(
  invoker: Invoker,
  functionName: string,
  invocation: InvocationRequest,
  response: ServerResponse,
): Promise<void> {
  response.on('error', () => undefined); // the caller left between two frames
  const begin = () => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
  };
  const write = (chunk: Uint8Array) => {
    begin();
    if (!response.destroyed) response.write(encodeEvent('PayloadChunk', 'application/octet-stream', chunk));
  };
  const { functionError, payload } = await invoker.request(functionName, {
    ...invocation,
    onContentType: begin,
    onChunk: write,
  });
  begin();
  // A handler that does not stream has answered all at once.
  if (!functionError && payload !== '') write(Buffer.from(payload));
  const complete = functionError ? { ErrorCode: functionError, ErrorDetails: payload } : {};
  response.end(encodeEvent('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(complete))));
}

function invocationType(request: IncomingMessage, streaming: boolean): 'RequestResponse' | 'Event' | 'DryRun' {
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'RequestResponse' || type === 'DryRun' || (type === 'Event' && !streaming)) return type;
  throw new LambdaError('InvalidParameterValueException', `Invocation type ${type} is not one of this operation's.`);
}

async function eventOf(request: IncomingMessage, limitBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size <= limitBytes) pieces.push(piece);
  }
  if (size > limitBytes) {
    const message = `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`;
    throw new LambdaError('RequestTooLargeException', message);
  }
  const event = Buffer.concat(pieces).toString() || '{}';
  try {
    JSON.parse(event);
  } catch (cause) {
    const message = `Could not parse request body into json: ${(cause as Error).message}`;
    throw new LambdaError('InvalidRequestContentException', message, { cause });
  }
  return event;
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, message } =
    error instanceof LambdaError ? error : new LambdaError('ServiceException', String(error), { cause: error });
  response.writeHead(STATUS[code], { 'content-type': 'application/json', 'x-amzn-ErrorType': code });
  response.end(JSON.stringify({ Type: STATUS[code] < 500 ? 'User' : 'Service', Message: message }));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
