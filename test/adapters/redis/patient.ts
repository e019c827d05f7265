/**
 * For a client that is not tested for its own limits. An attempt that took too long is made again, on a connection of
 * its own, as it has to be: what it had done already is then a duplicate, and not what the test counts. A machine that
 * is busy holds a process up for seconds.
 */
export const PATIENT = { attemptMs: 15_000, totalMs: 15_000 } as const;
