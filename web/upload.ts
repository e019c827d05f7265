import type { ChannelEvent } from '../domain/messages.ts';

export interface Credentials {
  readonly userId: string;
  readonly apiKey: string;
}

export interface UploadOptions {
  readonly credentials: Credentials;
  readonly source: File | { readonly url: string };
  readonly onEvent: (event: ChannelEvent) => void;
}

/** How often a socket that broke before the end is opened anew, 1 s apart and then twice as long each time. */
const RECONNECTS = 6;

/** Registers a channel, listens, uploads, and resolves when the final status was delivered. Rejects with a sentence for a person. */
export async function upload({ credentials, source, onEvent }: UploadOptions): Promise<void> {
  const wsUuid = crypto.randomUUID();
  const headers = { 'X-User-ID': credentials.userId, 'X-API-Key': credentials.apiKey };
  const registered = await call('/public/sources/ws', {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ 'ws-uuid': wsUuid }),
  });
  const sockets = new AbortController();
  const listening = listen(String(registered['ws-address']), onEvent, sockets.signal);
  listening.catch(() => {}); // heard below; an upload that is refused comes first
  const form = new FormData();
  form.set('ws-uuid', wsUuid);
  form.set('source-uuid', crypto.randomUUID());
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

async function call(path: string, init: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(path, init);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? body.message ?? `The server answered ${response.status}.`);
  return body;
}

/** Follows the channel to its end across broken sockets: each goes on after the last event that was seen. */
async function listen(address: string, onEvent: (event: ChannelEvent) => void, stop: AbortSignal): Promise<void> {
  let lastSeq = 0;
  let lastEventId: string | undefined;
  for (let attempt = 0; attempt <= RECONNECTS && !stop.aborted; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
    const url = new URL(address);
    if (lastEventId !== undefined) url.searchParams.set('last-event-id', lastEventId);
    const ended = await follow(url, stop, (event) => {
      const seq = Number(event['event-id'].split('-')[1]);
      const sameEpoch = lastEventId?.split('-')[0] === event['event-id'].split('-')[0];
      if (sameEpoch && seq <= lastSeq) return;
      lastSeq = seq;
      lastEventId = event['event-id'];
      attempt = 0;
      onEvent(event);
    });
    if (ended) return;
  }
  if (!stop.aborted) throw new Error('The connection was lost. The upload goes on: reload the page later.');
}

/** @returns true when the final status came, false when the socket closed before it. */
function follow(url: URL, stop: AbortSignal, onEvent: (event: ChannelEvent) => void): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = new WebSocket(url);
  stop.addEventListener('abort', () => socket.close(), { once: true });
  let ended = false;
  socket.addEventListener('message', ({ data }) => {
    const event = JSON.parse(String(data)) as ChannelEvent;
    if (!('event-id' in event)) return;
    onEvent(event);
    ended ||= event.status === 'success' || event.status === 'failure';
    if (ended) socket.send(JSON.stringify({ action: 'ack', 'event-id': event['event-id'] }));
  });
  socket.addEventListener('close', () => resolve(ended));
  return promise;
}
