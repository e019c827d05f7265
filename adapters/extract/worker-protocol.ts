/**
 * Between the function and the child that parses: the document is the child's standard input, a file; the text comes out
 * of its standard output; the messages of worker-message.ts come out of descriptor 3, one line of JSON each, `done` or
 * `failure` last.
 */
export const MESSAGES_FD = 3;

/** The child's one argument, as JSON. */
export interface WorkerRequest {
  /** Tells kinds of text apart that look the same; never trusted further. */
  readonly filename: string;
  readonly textBytes: number;
  readonly pages: number;
}
