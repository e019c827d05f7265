import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOnLoopback } from '../http/loopback.ts';
import { type FaultCommand, runCommand } from './command.ts';
import { FaultError } from './fault.ts';
import type { Faults } from './faults.ts';

/** Longer than any command. */
const MAX_COMMAND_BYTES = 10_000;

/**
 * Takes commands for the faults, each one POST of JSON. It does damage by design, so no web page may reach it: whatever a
 * browser sends names its origin, and a page whose host name was turned to this machine names that host.
 */
export async function startFaultControl(faults: Faults): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(faults, request, response).catch((error: unknown) => refuse(response, 500, String(error)));
  });
  const listening = await listenOnLoopback(server, 0);
  return {
    url: `http://127.0.0.1:${listening.port}`,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

async function answer(faults: Faults, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, headers } = request;
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined || !isOwnHost(request)) {
    return refuse(response, 403, 'Faults are not set from a browser.');
  }
  if (method !== 'POST') return refuse(response, 405, 'A command is a POST of JSON.');
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    return refuse(response, 415, 'A command is JSON, with that content type.');
  }
  if (!(Number(headers['content-length']) <= MAX_COMMAND_BYTES)) {
    return refuse(response, 413, `A command has a content-length of ${MAX_COMMAND_BYTES} bytes at the most.`);
  }
  try {
    const command = JSON.parse(await text(request)) as FaultCommand;
    send(response, 200, { message: await runCommand(faults, command) });
  } catch (error) {
    if (!(error instanceof FaultError || error instanceof SyntaxError || error instanceof TypeError)) throw error;
    refuse(response, 400, error.message);
  }
}

function isOwnHost({ headers, socket }: IncomingMessage): boolean {
  return headers.host === `127.0.0.1:${socket.localPort}`;
}

function refuse(response: ServerResponse, status: number, error: string): void {
  if (response.headersSent) response.destroy();
  else send(response, status, { error });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
}
