/** The limits of forwarding. `PROTOCOL.md` repeats those that a client can meet; `test/adapters/forward/limits.test.ts` holds the two together. */

/**
 * From the first connect to the end of the answer, all tries and the pauses between them. `process` has 300 s, of which the
 * fetch of a URL may take 90 s before.
 */
export const FORWARD_DEADLINE_MS = 180_000; // 3 min

/** A host that does not answer at all is tried again; in a private network an answer takes milliseconds. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** With the pauses below they outlast the restart of an upstream, which takes some 10 s. */
export const MAX_TRIES = 4;

/** Before the second try; each further pause is four times as long: 1 s, 4 s, 16 s, of which half is chance. */
export const FIRST_PAUSE_MS = 1_000;

/** An answer as it comes. Its indentation may take up most of it, and is gone before the result is measured. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** Of an answer that says no: enough for any sentence, and no more than that is looked at. */
export const MAX_REFUSAL_BYTES = 64 * 1024;

/** The JSON readers of some languages take no more than 64 levels (.NET), and the message around the result is one. */
export const MAX_RESULT_DEPTH = 60;

/** Of the sentence that a client is told, the words of the upstream included. */
export const MAX_SENTENCE_CHARACTERS = 500;
