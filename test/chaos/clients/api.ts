import type { History } from '../history.ts';

/** API Gateway gives up after 29 s, so later than this nothing comes any more. */
const REQUEST_MS = 35_000;

export interface ApiAnswer {
  /** Undefined: time-out or a broken connection. */
  readonly status?: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The calls of one user. Each is noted before it is sent, and when it is answered. */
export interface Api {
  register(channel: string, batchSize: number): Promise<ApiAnswer>;
  upload(
    channel: string,
    source: string,
    fields: Readonly<Record<string, string | File>>,
    invalid?: true,
  ): Promise<ApiAnswer>;
  /** For the judge; it is not noted. */
  status(source: string): Promise<ApiAnswer>;
}

export function createApi(url: string, userId: string, apiKey: string, history: History): Api {
  const credentials = { 'X-User-ID': userId, 'X-API-Key': apiKey };
  let requests = 0;

  async function send(path: string, init: RequestInit): Promise<ApiAnswer> {
    try {
      const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
      const text = await response.text();
      return { status: response.status, body: response.ok ? JSON.parse(text) : parse(text) };
    } catch {
      return { body: {} };
    }
  }

  async function noted(
    note: { channel: string; call: 'register' | 'upload'; source?: string; invalid?: true },
    call: () => Promise<ApiAnswer>,
  ): Promise<ApiAnswer> {
    requests += 1;
    const request = requests;
    history.add({ kind: 'request', request, ...note });
    const answer = await call();
    const { status, body } = answer;
    const code = typeof body.code === 'string' ? body.code : undefined;
    history.add({ kind: 'answer', request, ...(status && { status }), ...(code && { code }) });
    return answer;
  }

  return {
    register(channel, batchSize) {
      const body = JSON.stringify({ 'ws-uuid': channel, 'batch-size': batchSize });
      const headers = { ...credentials, 'Content-Type': 'application/json' };
      return noted({ channel, call: 'register' }, () => send('/public/sources/ws', { method: 'POST', headers, body }));
    },
    upload(channel, source, fields, invalid) {
      const body = new FormData();
      for (const [name, value] of Object.entries({ 'ws-uuid': channel, 'source-uuid': source, ...fields }))
        body.set(name, value);
      return noted({ channel, call: 'upload', source, ...(invalid && { invalid }) }, () =>
        send('/public/sources/upload-source', { method: 'POST', headers: credentials, body }),
      );
    },
    status: (source) => send(`/public/sources/${source}`, { headers: credentials }),
  };
}

/** An error may come from a part that knows no JSON. */
function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}
