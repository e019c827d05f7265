import type {
  FailureEvent,
  HeartbeatEvent,
  ProgressEvent,
  ReceivedEvent,
  Snapshot,
  Stage,
  StepEvent,
  SuccessEvent,
  Unnumbered,
} from '../domain/messages.ts';
import type { Source } from './ports.ts';

/** What a source says on its channel, made from its record alone: so it can be said again after Redis lost it. */

export function stepEvent(source: Source): Unnumbered<StepEvent> {
  return {
    step: `Hello, I start to process this source: ${source.filename || (source.url ?? source.sourceUuid)}`,
    status: 200,
    'step-status': 'processing',
    'source-uuid': source.sourceUuid,
  };
}

export function receivedEvent(source: Source): Unnumbered<ReceivedEvent> {
  return {
    message: 'Source received. Starting to processing',
    type: source.type,
    'source-uuid': source.sourceUuid,
    status: 'processing',
  };
}

/** How far a stage is. Without a total it is indeterminate, and `progress` stays 0 until the stage ends. */
export interface StageProgress {
  readonly stage: Stage;
  readonly bytes?: number;
  readonly totalBytes?: number;
  readonly pages?: number;
  readonly totalPages?: number;
  readonly ended?: boolean;
}

export function percentOf({ bytes, totalBytes, pages, totalPages, ended }: StageProgress): number {
  if (ended) return 100;
  const fraction =
    totalPages !== undefined ? (pages ?? 0) / totalPages : totalBytes !== undefined ? (bytes ?? 0) / totalBytes : 0;
  // 100 belongs to the end of the stage: a server may send more than it announced.
  return Number.isFinite(fraction) ? Math.min(99, Math.max(0, Math.floor(fraction * 100))) : 0;
}

export function progressEvent(source: Source, progress: StageProgress): Unnumbered<ProgressEvent> {
  const { stage, bytes, totalBytes, pages, totalPages, ended } = progress;
  return {
    type: source.type,
    'source-uuid': source.sourceUuid,
    status: 'processing',
    stage,
    progress: percentOf(progress),
    ...(bytes === undefined ? {} : { bytes }),
    ...(totalBytes === undefined ? {} : { 'total-bytes': totalBytes }),
    ...(pages === undefined ? {} : { pages }),
    ...(totalPages === undefined ? {} : { 'total-pages': totalPages }),
    ...(ended || totalBytes !== undefined || totalPages !== undefined ? {} : { indeterminate: true as const }),
  };
}

export function heartbeatEvent({ type, sourceUuid }: Source): Unnumbered<HeartbeatEvent> {
  return { type, 'source-uuid': sourceUuid, status: 'processing', heartbeat: true };
}

/** The source MUST have its terminal. */
export function terminalEvent(source: Source): Unnumbered<SuccessEvent | FailureEvent> {
  const { type, terminal } = source;
  const stamp = { type, 'source-uuid': source.sourceUuid };
  return terminal!.status === 'success'
    ? { result: terminal!.result, ...stamp, status: 'success' }
    : { result: 'Error', error: terminal!.error, code: terminal!.code, ...stamp, status: 'failure' };
}

/** The last that its record knows. */
export function snapshotOf(source: Source): Snapshot {
  const { type, sourceUuid, stage, progress = 0 } = source;
  if (source.terminal) return { ...terminalEvent(source), snapshot: true };
  if (stage === undefined) return { ...receivedEvent(source), snapshot: true };
  return { type, 'source-uuid': sourceUuid, status: 'processing', stage, progress, snapshot: true };
}
