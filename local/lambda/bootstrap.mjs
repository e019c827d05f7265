// The program of every execution environment: loads the handler, then serves one invocation after the other.
//
// Plain JavaScript, because stripping types takes 45 ms and 17 MB of every cold start (measured).
//
// Between invocations it *blocks* in a read of file descriptor 3. So no promise and no timer of the handler goes on
// from the moment it has returned, even before the service has stopped the process; and the end of the service is the
// end of that file. Everything the service wants to know it is told on the same descriptor (see control-frames.ts).
import { existsSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { limitNetwork } from './network.mjs';

const CONTROL = 3;
const STREAMS = Symbol('streams its response');
const env = { ...process.env };

function send(header, body = '') {
  const head = Buffer.from(JSON.stringify(header));
  const tail = Buffer.from(body);
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32BE(head.length, 0);
  prefix.writeUInt32BE(tail.length, 4);
  for (const bytes of [Buffer.concat([prefix, head]), tail]) {
    for (let sent = 0; sent < bytes.length; ) {
      try {
        sent += writeSync(CONTROL, bytes, sent);
      } catch (error) {
        if (error.code !== 'EINTR' && error.code !== 'EAGAIN') endWithService();
      }
    }
  }
}

/** The service is gone. The whole group goes, what the handler started included. */
function endWithService() {
  process.kill(-process.pid, 'SIGKILL');
}

function read(length) {
  const bytes = Buffer.allocUnsafe(length);
  for (let have = 0; have < length; ) {
    let count;
    try {
      count = readSync(CONTROL, bytes, have, length - have, null);
    } catch (error) {
      if (error.code === 'EINTR' || error.code === 'EAGAIN') continue; // stopped and continued while it waited
      count = 0;
    }
    if (count === 0) endWithService();
    have += count;
  }
  return bytes;
}

function nextInvocation() {
  const prefix = read(8);
  const header = JSON.parse(read(prefix.readUInt32BE(0)).toString());
  return { ...header, event: read(prefix.readUInt32BE(4)).toString() };
}

function errorJson(error, errorType) {
  if (!(error instanceof Error) && !(error?.stack && error?.message)) {
    return JSON.stringify({ errorType: errorType ?? typeof error, errorMessage: String(error), trace: [] });
  }
  const trace = String(error.stack).split('\n');
  return JSON.stringify({ errorType: errorType ?? error.name, errorMessage: error.message, trace });
}

function fail(errorType, errorMessage) {
  return Object.assign(new Error(errorMessage), { name: errorType });
}

function moduleFile(modulePath) {
  for (const extension of ['.mjs', '.js', '.cjs']) {
    const file = path.resolve(env.LAMBDA_TASK_ROOT, modulePath + extension);
    if (existsSync(file)) return file;
  }
  throw fail('Runtime.ImportModuleError', `Error: Cannot find module '${modulePath}'`);
}

async function importModule(file) {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND') {
      throw fail('Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    if (error instanceof SyntaxError) throw fail('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    throw error;
  }
}

async function loadHandler() {
  const match = /^((?:.*\/)?[^./]+)\.(.+)$/.exec(env._HANDLER);
  if (!match) throw fail('Runtime.MalformedHandlerName', 'Bad handler');
  const module = await importModule(moduleFile(match[1]));
  const handler = match[2].split('.').reduce((value, name) => value?.[name], module);
  if (handler === undefined) {
    throw fail('Runtime.HandlerNotFound', `${env._HANDLER} is undefined or not exported`);
  }
  if (typeof handler !== 'function') throw fail('Runtime.HandlerNotFound', `${env._HANDLER} is not a function`);
  if (handler.length > 2 && !handler[STREAMS]) {
    throw fail(
      'Runtime.CallbackHandlerDeprecated',
      'Callback-based handlers are not supported from Node.js 24 on: make the handler async.',
    );
  }
  return handler;
}

function contextOf(invocation) {
  const deadline = Date.now() + invocation.timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: invocation.invokedFunctionArn,
    awsRequestId: invocation.requestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

class ResponseStream extends Writable {
  #contentType = 'application/octet-stream';
  #begun = false;
  #room;

  constructor(maxBytes) {
    super();
    this.#room = maxBytes;
  }

  setContentType(contentType) {
    this.#contentType = contentType;
  }

  #begin() {
    if (!this.#begun) send({ type: 'content-type', contentType: this.#contentType });
    this.#begun = true;
  }

  _write(chunk, _encoding, done) {
    this.#room -= chunk.length;
    if (this.#room < 0) {
      done(fail('Function.ResponseSizeTooLarge', 'The streamed response exceeded the maximum allowed size.'));
      return;
    }
    this.#begin();
    send({ type: 'chunk' }, chunk);
    done();
  }

  _final(done) {
    this.#begin();
    done();
  }
}

function ended(stream) {
  return new Promise((resolve, reject) => {
    stream.once('finish', resolve);
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('The response stream was destroyed before it ended.')));
  });
}

async function answer(handler, invocation) {
  const event = JSON.parse(invocation.event);
  const context = contextOf(invocation);
  if (!handler[STREAMS]) {
    const result = JSON.stringify((await handler(event, context)) ?? null);
    if (result === undefined) throw new Error('Unable to stringify response body');
    return { result, streamed: false };
  }
  const stream = new ResponseStream(invocation.maxStreamedBytes);
  const end = ended(stream); // before the handler's first write
  await Promise.all([end, handler(event, stream, context)]);
  return { result: '', streamed: true };
}

/** A pipe that is full is written to later: what was said before the handler returned must not wait for the next invocation. */
async function flushed() {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise((resolve) => stream.write('', resolve));
  }
}

async function serve(handler) {
  for (;;) {
    const invocation = nextInvocation();
    process.env._X_AMZN_TRACE_ID = invocation.traceId;
    let end;
    try {
      const { result, streamed } = await answer(handler, invocation);
      end = [{ type: 'result', streamed }, result];
    } catch (error) {
      end = [{ type: 'error' }, errorJson(error)];
    }
    await flushed();
    send({ ...end[0], maxRssBytes: process.resourceUsage().maxRSS * 1024 }, end[1]);
  }
}

function exitWith(code, json) {
  send({ type: 'fatal' }, json);
  process.exit(code);
}

process.on('uncaughtException', (error) => exitWith(129, errorJson(error)));
process.on('unhandledRejection', (reason) => {
  const message = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  const error = Object.assign(new Error(message), reason instanceof Error && { stack: reason.stack });
  exitWith(128, errorJson(error, 'Runtime.UnhandledPromiseRejection'));
});
process.on('beforeExit', () => {
  const error = fail('Runtime.NodeJsExit', 'The event loop is empty, but a promise of the handler was never settled.');
  exitWith(13, errorJson(error));
});

globalThis.awslambda = {
  streamifyResponse: (handler) => Object.assign((...args) => handler(...args), { [STREAMS]: true }),
};

// An argument rather than a variable, which the function would see.
const [network] = process.argv.splice(2);
if (network !== undefined) {
  limitNetwork(JSON.parse(network), (address, port, why) => {
    send(
      { type: 'unreachable' },
      `It cannot reach ${address} on port ${port}: ${env.AWS_LAMBDA_FUNCTION_NAME} ${why}.`,
    );
  });
}

loadHandler().then(
  (handler) => {
    send({ type: 'ready' });
    return serve(handler);
  },
  (error) => {
    send({ type: 'init-error' }, errorJson(error));
    process.exit(1);
  },
);
