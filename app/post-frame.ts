import type { Clock, Connection, Sockets } from './ports.ts';

export interface PostPorts {
  readonly sockets: Sockets;
  readonly clock: Clock;
  /** 0 to 1, for the jitter of retries. */
  readonly random: () => number;
}

/**
 * A post inside `$connect` is answered 410 by design: for this long after it was opened, 410 means "not yet". The function may
 * take 10 s, and its start some more; API Gateway gives up on it after 29 s.
 */
const YOUNG_MS = 40_000;

const MAX_BACKOFF_MS = 5_000;

export interface Frame {
  readonly frame: string;
  /** Where the connection stands with it; undefined: not any further. */
  readonly reached?: number;
  /** It could not be posted yet. */
  readonly onRetry?: () => void;
}

/** Again and again, each time later, until it is there or the connection is gone for good. */
export async function postFrame(
  ports: PostPorts,
  connection: Connection,
  { frame, onRetry }: Frame,
  stop: AbortSignal,
): Promise<'sent' | 'gone' | 'stopped'> {
  for (let tries = 0; !stop.aborted; tries++) {
    const outcome = await ports.sockets.post(connection.connectionId, frame);
    if (outcome === 'sent') return 'sent';
    if (outcome === 'gone' && !isYoung(ports, connection)) return 'gone';
    onRetry?.();
    await ports.clock.sleep(backoff(ports, tries), stop);
  }
  return 'stopped';
}

/** Its `$connect` may be under way still. */
export function isYoung({ clock }: PostPorts, { connectedAt }: Connection): boolean {
  return clock.now() < connectedAt + YOUNG_MS;
}

/** 50 ms, doubled with each failure up to 5 s, of which half is chance. */
export function backoff({ random }: PostPorts, failures: number): number {
  const full = Math.min(MAX_BACKOFF_MS, 50 * 2 ** failures);
  return full * (0.5 + random() / 2);
}
