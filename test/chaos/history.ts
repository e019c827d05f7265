/** What happened, in the order in which the harness saw it. Nothing in it comes from inside of the service. */
export type HistoryRecord = { readonly at: number } & (
  | {
      readonly kind: 'request';
      readonly request: number;
      readonly channel: string;
      readonly call: 'register' | 'upload';
      readonly source?: string;
      /** The request breaks a rule of the protocol on purpose. */
      readonly invalid?: true;
    }
  /** No status: time-out or a broken connection, so nobody knows what became of it. */
  | { readonly kind: 'answer'; readonly request: number; readonly status?: number; readonly code?: string }
  /** The handshake begins. */
  | { readonly kind: 'connecting'; readonly socket: number; readonly channel: string; readonly lastEventId?: string }
  | { readonly kind: 'connected'; readonly socket: number }
  /** The handshake failed; no status: the connection broke. */
  | { readonly kind: 'refused'; readonly socket: number; readonly status?: number }
  | { readonly kind: 'frame'; readonly socket: number; readonly text: string }
  /** A client's message. */
  | { readonly kind: 'sent'; readonly socket: number; readonly text: string }
  | { readonly kind: 'closed'; readonly socket: number; readonly code: number; readonly by: 'client' | 'server' }
  | { readonly kind: 'fault'; readonly fault: number; readonly what: string }
  /** It was lifted, or what it had stopped runs again; a kill has none. */
  | { readonly kind: 'fault-over'; readonly fault: number }
);

export type Unstamped = HistoryRecord extends infer R ? (R extends HistoryRecord ? Omit<R, 'at'> : never) : never;

export interface History {
  readonly records: readonly HistoryRecord[];
  add(record: Unstamped): void;
}

/** @param onRecord writes it away, or counts. */
export function createHistory(
  now: () => number = Date.now,
  onRecord: (record: HistoryRecord) => void = () => {},
): History {
  const records: HistoryRecord[] = [];
  return {
    records,
    add(unstamped) {
      const record = { at: now(), ...unstamped } as HistoryRecord;
      records.push(record);
      onRecord(record);
    },
  };
}

export function lineOf({ at, ...record }: HistoryRecord): string {
  return `${new Date(at).toISOString().slice(11, 23)} ${JSON.stringify(record)}`;
}
