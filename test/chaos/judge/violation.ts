/** What is promised, and so what can be broken. */
export const INVARIANTS = {
  I0: 'a valid request is never refused, an invalid one never accepted',
  I1: 'each 200 has exactly one final status, the same in the store, in the status call and on every socket',
  I2: 'nothing ends that was not sent, or was refused',
  I3: 'events come in order, 1, 2, 3 … in their epoch, and a source’s final status comes last',
  I4: 'the same event-id is the same message',
  I5: 'a socket gets everything after what it has, or a gap and how each source stands',
  I6: 'no message reaches another channel',
  I7: 'nothing is left behind when all is quiet',
  I8: 'each final status arrives within 90 s of the last fault',
  I9: 'a socket is closed when its channel is finished, and not before',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
  readonly channel?: string;
  readonly source?: string;
  readonly socket?: number;
}
