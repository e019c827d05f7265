/** The simulated services whose calls can be faulted. `lambda` is the invoke API that functions call, `connections` the @connections API. */
export const FAULT_SERVICES = ['dynamodb', 's3', 'sqs', 'lambda', 'connections', 'redis'] as const;
export type FaultService = (typeof FAULT_SERVICES)[number];

/**
 * What happens to a call. The effect takes place with `delay`, `lose` and `crash-after`, and with no other:
 *
 * - `error`: answered with one of the service's own errors.
 * - `delay`: carried out after `ms`; nothing happens where the caller gave up before.
 * - `hang`: not answered until the fault is cleared or the caller gives up; a clear breaks the connection.
 * - `drop`: the connection is broken.
 * - `lose`: carried out, and then the connection is broken in place of the answer.
 * - `crash-before`, `crash-after`: the environment of the calling function is killed, before or after the effect.
 *   Calls of anybody else than a function are left alone.
 */
export const FAULT_KINDS = ['error', 'delay', 'hang', 'drop', 'lose', 'crash-before', 'crash-after'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Which calls, and what happens to them. A call that no option rules out matches. */
export interface Fault {
  readonly service: FaultService;
  readonly kind: FaultKind;
  /** Of `error`: a name such as `ThrottlingException`, or an HTTP status. Default: the service's most usual one. */
  readonly code?: string;
  /** Of `delay`, where it is needed. */
  readonly ms?: number;
  /** `UpdateItem`, `PutObject`, `SendMessage`, `Invoke`, `POST`, `EVALSHA`. Default: all. */
  readonly operation?: string;
  /** Only calls of this function, by its name for people. Default: everybody's. */
  readonly function?: string;
  /** 0 to 1: the share of the matching calls that are hit. Default: 1. */
  readonly rate?: number;
  /** Calls that are hit, then it clears itself. Default: any number. */
  readonly times?: number;
  /** Then it clears itself. Default: it stays until it is cleared. */
  readonly seconds?: number;
}

/** A fault, or an action, that makes no sense here; the message is a sentence that says what would. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
  readonly code = 'FAULT';
}
