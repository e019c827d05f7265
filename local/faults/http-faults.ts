import { type IncomingMessage, type RequestListener, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { endWhenRead } from '../http/early-answer.ts';
import type { RunningEnvironment, RunningEnvironments } from '../lambda/running-environments.ts';
import { type ErrorAnswer, errorAnswer } from './error-answer.ts';
import type { Classify } from './http-calls.ts';
import type { FaultRegistry, Hit } from './registry.ts';

export interface HttpFaults {
  readonly registry: FaultRegistry;
  /** To tell whose call it is. */
  readonly environments: RunningEnvironments;
  /** What the service adds to its errors for this caller. Default: nothing. */
  readonly errorHeaders?: (request: IncomingMessage) => Readonly<Record<string, string>>;
}

/** Puts the faults before whatever listens to the requests of `server` by now. Without any that is set, each goes straight on. */
export function putFaultsBefore(server: Server, classify: Classify, faults: HttpFaults): void {
  const { registry, environments } = faults;
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const pass: Pass = (answer) => {
      for (const listener of listeners) listener.call(server, request, answer);
    };
    const call = registry.any ? classify(request) : undefined;
    if (!call) return pass(response);
    const caller = environments.callerOf(request);
    const hit = registry.match({ ...call, caller });
    if (!hit) return pass(response);
    strike(hit, { request, response, pass, caller, faults }).catch(() => request.socket.destroy());
  });
}

type Pass = (answer: ServerResponse) => void;

interface Struck {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly pass: Pass;
  readonly caller: RunningEnvironment | undefined;
  readonly faults: HttpFaults;
}

async function strike({ fault, hold }: Hit, struck: Struck): Promise<void> {
  const { request, response, pass, caller, faults } = struck;
  const left = new AbortController();
  response.once('close', () => left.abort());
  switch (fault.kind) {
    case 'error':
      return answerError(request, response, errorAnswer(fault.service, fault.code!), faults);
    case 'delay':
      await faults.registry.clock.sleep(fault.ms!, left.signal);
      if (!left.signal.aborted) pass(response);
      return;
    case 'hang':
      request.resume(); // that the caller leaves is noticed behind its body
      await hold(left.signal);
      break;
    case 'lose':
      await carryOut(request, pass, left.signal);
      break;
    case 'crash-before':
      caller!.crash();
      break;
    case 'crash-after':
      await carryOut(request, pass, left.signal);
      caller!.crash();
      break;
    case 'drop':
  }
  request.socket.destroy();
}

function answerError(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: ErrorAnswer,
  { errorHeaders }: HttpFaults,
): void {
  response.writeHead(status, { ...headers, ...errorHeaders?.(request), 'content-length': Buffer.byteLength(body) });
  if (request.method !== 'HEAD') response.write(body);
  endWhenRead(request, response);
}

/** Resolves when the service has answered, which nobody hears, or its caller has left. */
async function carryOut(request: IncomingMessage, pass: Pass, left: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const unheard = new ServerResponse(request);
  // Where nothing reads the answer, a long one would wait for ever for its first part to be taken.
  unheard.assignSocket(new Nowhere() as unknown as Socket);
  unheard.once('finish', resolve).once('close', resolve);
  left.addEventListener('abort', () => resolve(), { once: true });
  pass(unheard);
  await promise;
}

class Nowhere extends Duplex {
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
  }
}
