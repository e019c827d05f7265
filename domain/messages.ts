import * as z from 'zod';
import type { FailureCode } from './errors.ts';
import { isUuid, parseEventId } from './ids.ts';

/** The WebSocket messages, as `PROTOCOL.md` gives them. Everything past a parser of this file is typed. */

export type SourceType = 'file-upload' | 'url-upload';

/** `fetch`: bytes of a URL arrive. `extract`: text is taken out. `forward`: bytes go to an upstream. */
export type Stage = 'fetch' | 'extract' | 'forward';

const stamp = { 'source-uuid': z.string(), 'event-id': z.string() };
const type = z.enum(['file-upload', 'url-upload']);

const step = z.object({
  step: z.string(),
  status: z.literal(200),
  'step-status': z.literal('processing'),
  ...stamp,
});

const received = z.object({
  message: z.literal('Source received. Starting to processing'),
  type,
  status: z.literal('processing'),
  ...stamp,
});

/** `bytes` and `total-bytes` where they are known; `indeterminate` where no length is: `progress` then stays 0 until the end. */
const progress = z.object({
  type,
  status: z.literal('processing'),
  stage: z.enum(['fetch', 'extract', 'forward']),
  progress: z.number().min(0).max(100),
  bytes: z.number().optional(),
  'total-bytes': z.number().optional(),
  pages: z.number().optional(),
  'total-pages': z.number().optional(),
  indeterminate: z.literal(true).optional(),
  ...stamp,
});

/** Of a source that is at work and has nothing new to tell. */
const heartbeat = z.object({ type, status: z.literal('processing'), heartbeat: z.literal(true), ...stamp });

const success = z.object({ result: z.unknown(), type, status: z.literal('success'), ...stamp });

const failure = z.object({
  result: z.literal('Error'),
  error: z.string(),
  code: z.string() as z.ZodType<FailureCode>,
  type,
  status: z.literal('failure'),
  ...stamp,
});

/** The events of a channel: kept in its history, numbered, and delivered in order. */
export const channelEvent = z.union([failure, success, progress, heartbeat, received, step]);

export type StepEvent = z.infer<typeof step>;
export type ReceivedEvent = z.infer<typeof received>;
export type ProgressEvent = z.infer<typeof progress>;
export type HeartbeatEvent = z.infer<typeof heartbeat>;
export type SuccessEvent = z.infer<typeof success>;
export type FailureEvent = z.infer<typeof failure>;
export type ChannelEvent = StepEvent | ReceivedEvent | ProgressEvent | HeartbeatEvent | SuccessEvent | FailureEvent;

/** An event that has no number yet: the history gives it one. */
export type Unnumbered<E> = E extends unknown ? Omit<E, 'event-id'> : never;

/** How a source stands, for a socket that has missed events: never numbered, never in the history. */
export type Snapshot = Unnumbered<ReceivedEvent | ProgressEvent | SuccessEvent | FailureEvent> & {
  readonly snapshot: true;
};

/** Answers to one socket only: never numbered, never in the history. */
export type Notice =
  | { readonly type: 'pong' }
  | { readonly type: 'error'; readonly error: string; readonly code: string }
  /** Events are missing here. A snapshot of each source follows, then the events after `resume-from`. */
  | { readonly type: 'gap'; readonly 'resume-from': string };

const eventId = z.string().refine((text) => parseEventId(text) !== undefined, 'must be an event-id as received');

/** What a client may send. */
export const clientMessage = z.discriminatedUnion('action', [
  z.object({ action: z.literal('ping') }),
  z.object({ action: z.literal('resume'), 'last-event-id': eventId }),
  z.object({ action: z.literal('ack'), 'event-id': eventId }),
]);

export type ClientMessage = z.infer<typeof clientMessage>;

export const uuid = z.string().refine(isUuid, 'must be a UUID');
