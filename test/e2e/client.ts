import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

/** A client as the contract knows it: two POSTs and a socket, nothing more. */

export type Message = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface Listener {
  readonly messages: Message[];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
  /** Waits until a message satisfies the condition. */
  until(condition: (message: Message) => boolean): Promise<Message>;
}

export interface Client {
  readonly url: string;
  post(
    path: string,
    init: { headers?: Record<string, string>; body?: NonNullable<RequestInit['body']> },
  ): Promise<Answer>;
  register(wsUuid: string, more?: object): Promise<Answer>;
  upload(form: Record<string, string | Blob>): Promise<Answer>;
  status(sourceUuid: string): Promise<Answer>;
  cancel(sourceUuid: string): Promise<Answer>;
  listen(address: string): Promise<Listener>;
  /** Registers, listens, uploads and waits for the close. */
  whole(content: { file: Blob } | { content: string }, filename?: string): Promise<Whole>;
}

export interface Whole {
  readonly wsUuid: string;
  readonly sourceUuid: string;
  readonly answer: Answer;
  readonly messages: Message[];
  readonly closeCode: number;
}

/**
 * A connection that was kept may be one that the server closes in this moment, where this process has got no turn for some
 * seconds: then the next call fails, and it may not be sent again by itself.
 */
export const OWN_CONNECTION = { connection: 'close' } as const;

export function createClient(url: string, userId: string, apiKey: string): Client {
  const credentials = { 'X-User-ID': userId, 'X-API-Key': apiKey };

  async function send(method: string, path: string, init: RequestInit): Promise<Answer> {
    const headers = { ...(init.headers as Record<string, string>), ...OWN_CONNECTION };
    const response = await fetch(`${url}${path}`, { ...init, method, headers });
    const text = await response.text();
    if (!response.headers.get('content-type')?.includes('json'))
      throw new Error(`${response.status}, no JSON: ${text}`);
    return { status: response.status, body: JSON.parse(text) };
  }

  const client: Client = {
    url,
    post: (path, init) => send('POST', path, { headers: init.headers, body: init.body }),
    register: (wsUuid, more = {}) =>
      send('POST', '/public/sources/ws', {
        headers: { ...credentials, 'Content-Type': 'application/json' },
        body: JSON.stringify({ 'ws-uuid': wsUuid, ...more }),
      }),
    async upload(fields) {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) {
        if (typeof value === 'string') form.set(name, value);
        else form.set(name, value, 'name' in value ? String(value.name) : 'file.bin');
      }
      return await send('POST', '/public/sources/upload-source', { headers: credentials, body: form });
    },
    status: (sourceUuid) => send('GET', `/public/sources/${sourceUuid}`, { headers: credentials }),
    cancel: (sourceUuid) => send('DELETE', `/public/sources/${sourceUuid}`, { headers: credentials }),
    listen,
    async whole(content, filename) {
      const [wsUuid, sourceUuid] = [randomUUID(), randomUUID()];
      const { body } = await client.register(wsUuid);
      const listener = await listen(String(body['ws-address']));
      const answer = await client.upload({
        'ws-uuid': wsUuid,
        'source-uuid': sourceUuid,
        ...(filename !== undefined && { filename }),
        ...content,
      });
      const closeCode = await listener.closed;
      return { wsUuid, sourceUuid, answer, messages: listener.messages, closeCode };
    },
  };
  return client;
}

/** Rejects with the HTTP status where the handshake is refused. */
export async function listen(address: string, origin?: string): Promise<Listener> {
  const socket = new WebSocket(address, { origin });
  const messages: Message[] = [];
  const seen = new Map<unknown, string>();
  const waiting = new Set<() => void>();
  const closed = Promise.withResolvers<number>();
  const opened = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    const text = String(data);
    const message: Message = JSON.parse(text);
    const id = message['event-id'];
    // As each client does: what it was sent already may come again, where the answer to a post was late.
    if (id !== undefined && seen.get(id) === text) return;
    seen.set(id, text);
    messages.push(message);
    for (const look of waiting) look();
  });
  socket.on('open', opened.resolve);
  socket.on('unexpected-response', (_, response) => {
    opened.reject(new HandshakeRefused(response.statusCode ?? 0));
    response.destroy();
    socket.terminate();
  });
  socket.on('error', (error) => opened.reject(error));
  socket.on('close', (code) => closed.resolve(code));
  await opened.promise;
  return {
    socket,
    messages,
    closed: closed.promise,
    until(condition) {
      const found = Promise.withResolvers<Message>();
      const look = () => {
        const message = messages.find(condition);
        if (message) found.resolve(message);
      };
      waiting.add(look);
      look();
      void closed.promise.then(() => found.reject(new Error('closed before such a message came')));
      return found.promise.finally(() => waiting.delete(look));
    },
  };
}

export class HandshakeRefused extends Error {
  override readonly name = 'HandshakeRefused';
  readonly status: number;

  constructor(status: number) {
    super(`The handshake was refused with ${status}`);
    this.status = status;
  }
}

/** What a message is, in one word: for comparing whole runs. Progress values in between depend on the machine. */
export function kindsOf(messages: readonly Message[]): string[] {
  const kinds = messages.map((message) => {
    if ('step' in message) return 'step';
    if ('message' in message) return 'received';
    if ('stage' in message) return String(message.stage);
    return String(message.status ?? message.type);
  });
  return kinds.filter((kind, index) => kind !== kinds[index - 1]);
}
