import { parseEventId } from '../domain/ids.ts';
import { MAX_INLINE_BODY_BYTES } from '../domain/limits.ts';
import type { ChannelEvent, Notice, Snapshot } from '../domain/messages.ts';

export interface Credentials {
  readonly userId: string;
  readonly apiKey: string;
}

export interface UploadOptions {
  readonly credentials: Credentials;
  readonly source: File | { readonly url: string };
  /** For `cancel`. */
  readonly sourceUuid: string;
  readonly onEvent: (event: ChannelEvent | Snapshot) => void;
  /** False when the socket broke before the end, true when it is open again. */
  readonly onConnection: (open: boolean) => void;
}

/** The message is a sentence for a person. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  /** Of the answer that refused the upload, or would have; undefined where there was none. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** Of a request, what is not the file: delimiters, ids and a name. */
const FORM_BYTES = 4_000;

/** How often a socket that broke before the end is opened anew, 1 s apart and then twice as long each time. */
const RECONNECTS = 6;

/** Registers a channel, listens, uploads, and resolves when the final status was delivered. Rejects with UploadError. */
export async function upload({ credentials, source, sourceUuid, ...listener }: UploadOptions): Promise<void> {
  // Told here, since a server that refuses a large body need not read it to its end, and then nobody gets to read why.
  if (source instanceof File && source.size > MAX_INLINE_BODY_BYTES - FORM_BYTES) {
    const limit = MAX_INLINE_BODY_BYTES / 1e6;
    throw new UploadError(`The file is too large: a little less than ${limit} MB can be sent. Give its URL instead.`);
  }
  const wsUuid = crypto.randomUUID();
  const headers = headersOf(credentials);
  const register = () => addressOf(wsUuid, headers);
  const address = await register();
  const sockets = new AbortController();
  const listening = listen({ address, register, ...listener }, sockets.signal);
  listening.catch(() => {}); // heard below; an upload that is refused comes first
  const form = new FormData();
  form.set('ws-uuid', wsUuid);
  form.set('source-uuid', sourceUuid);
  if (source instanceof File) {
    form.set('filename', source.name);
    form.set('file', source);
  } else {
    form.set('content', source.url);
  }
  try {
    await call('/public/sources/upload-source', { method: 'POST', headers, body: form });
    await listening;
  } finally {
    sockets.abort();
  }
}

/** The end comes as a message, like any other; one that was faster holds. Rejects with UploadError. */
export async function cancel(credentials: Credentials, sourceUuid: string): Promise<void> {
  await call(`/public/sources/${sourceUuid}`, { method: 'DELETE', headers: headersOf(credentials) });
}

async function addressOf(wsUuid: string, headers: Record<string, string>): Promise<string> {
  const registered = await call('/public/sources/ws', {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ 'ws-uuid': wsUuid }),
  });
  return String(registered['ws-address']);
}

/** Refuses here what no header can carry: of that, `fetch` would say no more than of a server that is away. */
function headersOf({ userId, apiKey }: Credentials): Record<string, string> {
  if (!canBeSent(userId)) throw new UploadError('This user id is wrong: it has a character that none has.', 401);
  if (!canBeSent(apiKey)) {
    throw new UploadError('This API key is wrong: it has a character that no key has. Copy it once more.', 401);
  }
  return { 'X-User-ID': userId, 'X-API-Key': apiKey };
}

function canBeSent(value: string): boolean {
  try {
    return new Headers({ value }).has('value');
  } catch {
    return false;
  }
}

async function call(path: string, init: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(path, init).catch(() => {
    throw new UploadError('The server could not be reached: try again when you are online.');
  });
  const body: Record<string, unknown> = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const sentence = [body.error, body.message].find((each) => typeof each === 'string');
  throw new UploadError(sentence ?? `The server answered with ${response.status}.`, response.status);
}

interface Listening extends Pick<UploadOptions, 'onEvent' | 'onConnection'> {
  readonly address: string;
  /** Gives the channel's address anew: the token in it may have run out. */
  readonly register: () => Promise<string>;
}

/** Follows the channel to its end across broken sockets: each goes on after the last event that was seen. */
async function listen({ address, register, onEvent, onConnection }: Listening, stop: AbortSignal): Promise<void> {
  let last: string | undefined;
  let over = false;
  for (let attempt = 0; attempt <= RECONNECTS && !stop.aborted; attempt++) {
    if (attempt > 0) {
      onConnection(false);
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
    }
    const url = new URL(attempt === 0 ? address : await register().catch(() => address));
    if (last !== undefined) url.searchParams.set('last-event-id', last);
    const ended = await follow(url, stop, {
      onOpen: () => onConnection(true),
      onMessage(message) {
        attempt = 0;
        if ('resume-from' in message) last = message['resume-from'];
        if (!('source-uuid' in message)) return;
        // An end is never dropped as seen: a server that has lost its latest events gives their numbers out again.
        if ('event-id' in message && isSeen(message['event-id'], last) && !isEnd(message)) return;
        if ('event-id' in message) last = message['event-id'];
        if (!over) onEvent(message);
        over ||= isEnd(message);
      },
    });
    if (ended) return;
  }
  if (!stop.aborted) throw new UploadError('The connection is lost. The upload goes on without this page.');
}

type Message = ChannelEvent | Snapshot | Notice;

function isEnd(message: Message): boolean {
  return 'status' in message && (message.status === 'success' || message.status === 'failure');
}

/** Delivery is at least once and in order. */
function isSeen(eventId: string, last: string | undefined): boolean {
  const [event, before] = [parseEventId(eventId), parseEventId(last ?? '')];
  return event !== undefined && before !== undefined && event.epoch === before.epoch && event.seq <= before.seq;
}

/** @returns true when the final status came, false when the socket closed before it. */
function follow(
  url: URL,
  stop: AbortSignal,
  { onOpen, onMessage }: { onOpen: () => void; onMessage: (message: Message) => void },
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = new WebSocket(url);
  stop.addEventListener('abort', () => socket.close(), { once: true });
  let ended = false;
  socket.addEventListener('open', onOpen);
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    onMessage(message);
    ended ||= isEnd(message);
    if (ended && 'event-id' in message) {
      socket.send(JSON.stringify({ action: 'ack', 'event-id': message['event-id'] }));
    } else if (ended) socket.close();
  });
  socket.addEventListener('close', () => resolve(ended));
  return promise;
}
