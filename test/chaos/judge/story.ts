import type { Terminal } from '../../../app/ports.ts';
import type { EventId } from '../../../domain/ids.ts';
import { createHistory, type Unstamped } from '../history.ts';
import type { FinalState, StoredSource } from './final-state.ts';
import { judge } from './judge.ts';

type Kind = 'step' | 'received' | 'progress' | 'success';

const RESULT = { words: 2 };
const SUCCESS: Terminal = { status: 'success', result: RESULT };

/** A history that a test makes up, one line after the other; nobody but the judge reads it. */
export class Story {
  #now = 0;
  #requests = 0;
  #sockets = 0;
  readonly #history = createHistory(() => this.#now);
  readonly sources = new Map<string, StoredSource>();
  readonly closed = new Map<string, Record<string, number>>();
  readonly statuses = new Map<string, { status: number; body: Record<string, unknown> }>();
  /** Over what is stored otherwise. */
  left: Partial<FinalState> = {};

  wait(ms: number): this {
    this.#now += ms;
    return this;
  }

  add(record: Unstamped): void {
    this.#now += 1;
    this.#history.add(record);
  }

  /** @param status undefined: no answer. */
  upload(channel: string, source: string, status?: number, invalid?: true): this {
    this.#requests += 1;
    const request = this.#requests;
    this.add({ kind: 'request', request, channel, call: 'upload', source, ...(invalid && { invalid }) });
    this.add({ kind: 'answer', request, ...(status && { status }) });
    return this;
  }

  connect(channel: string, lastEventId?: string): number {
    this.#sockets += 1;
    const socket = this.#sockets;
    this.add({ kind: 'connecting', socket, channel, ...(lastEventId && { lastEventId }) });
    this.add({ kind: 'connected', socket });
    return socket;
  }

  frame(socket: number, message: object): this {
    this.add({ kind: 'frame', socket, text: JSON.stringify(message) });
    return this;
  }

  event(socket: number, eventId: string, kind: Kind, source: string, more: object = {}): this {
    return this.frame(socket, { ...CONTENT[kind], 'source-uuid': source, ...more, 'event-id': eventId });
  }

  /** Opening and success, numbered from `first`. */
  whole(socket: number, source: string, first = 1, epoch = 'e'): this {
    const kinds: Kind[] = ['step', 'received', 'success'];
    for (const [index, kind] of kinds.entries()) this.event(socket, `${epoch}-${first + index}`, kind, source);
    return this;
  }

  gap(socket: number, resumeFrom: string): this {
    return this.frame(socket, { type: 'gap', 'resume-from': resumeFrom });
  }

  snapshot(socket: number, source: string, kind: Kind = 'success'): this {
    return this.frame(socket, { ...CONTENT[kind], 'source-uuid': source, snapshot: true });
  }

  close(socket: number, code = 1000, by: 'server' | 'client' = 'server'): this {
    this.add({ kind: 'closed', socket, code, by });
    return this;
  }

  /** Calls that are answered wrongly for a moment. */
  burst(what: string): this {
    this.add({ kind: 'fault', fault: 1, what: `burst: ${what}` });
    this.add({ kind: 'fault-over', fault: 1 });
    return this;
  }

  /** Its record, ended and published, unless `changes` says otherwise. */
  stored(channel: string, source: string, published: EventId | undefined, changes: Partial<StoredSource> = {}): this {
    const stored: StoredSource = {
      sourceUuid: source,
      wsUuid: channel,
      generation: 1,
      queued: true,
      attempt: 1,
      deadline: 0,
      watched: false,
      terminal: SUCCESS,
      ...(published && { published }),
      ...changes,
    };
    this.sources.set(source, stored);
    this.statuses.set(source, { status: 200, body: { ...stored.terminal } });
    return this;
  }

  /** @returns the invariants that are broken, each with how. */
  verdict(slowness?: number): string[] {
    const state = {
      readAt: this.#now,
      sources: this.sources,
      closed: this.closed,
      statuses: this.statuses,
      shards: [],
      keysWithoutTtl: [],
      queues: [],
      orphans: [],
      ...this.left,
    };
    const { violations } = judge(this.#history.records, state, slowness);
    return violations.map(({ invariant, what }) => `${invariant}: ${what}`);
  }
}

const CONTENT: Readonly<Record<Kind, object>> = {
  step: { step: 'Hello', status: 200, 'step-status': 'processing' },
  received: { message: 'Source received. Starting to processing', status: 'processing' },
  progress: { status: 'processing', stage: 'extract', progress: 50 },
  success: { status: 'success', result: RESULT },
};

/** One source on channel `c`, told and closed as it should be: its end is number 3 of epoch `e`. */
export function toldStory(): Story {
  const story = new Story();
  const socket = story.connect('c');
  story.upload('c', 's', 200).whole(socket, 's').close(socket);
  story.closed.set('c', { e: 3 });
  return story.stored('c', 's', { epoch: 'e', seq: 3 });
}
