import * as z from 'zod';
import { type FetchAttemptPorts, fetchAttempt } from '../../app/fetch-attempt.ts';
import type { FetchProgress } from '../../app/ports.ts';
import { type FailureCode, SourceFailure } from '../../domain/errors.ts';
import { withLogFields } from '../log.ts';
import { readLines } from '../ndjson.ts';

/**
 * What `process` and `fetch` say to each other: one event in, lines of JSON out, the last of them `done` or `failure`; where
 * the attempt is over neither of them, since nobody waits for it.
 */

export const fetchEvent = z.object({
  owner: z.string(),
  sourceUuid: z.string(),
  generation: z.number(),
  attempt: z.number(),
  url: z.string(),
  correlationId: z.string().optional(),
});

export type FetchEvent = z.infer<typeof fetchEvent>;

const FAILURES = [
  'address-refused',
  'fetch-failed',
  'fetch-host-unknown',
  'fetch-unreachable',
  'fetch-insecure',
  'fetch-status',
  'fetch-timeout',
  'fetch-stalled',
  'fetch-incomplete',
  'fetch-length-mismatch',
  'fetch-malformed',
  'fetch-headers-too-large',
  'fetch-encoding-unsupported',
  'fetch-encoding-damaged',
  'fetch-too-large',
  'fetch-inflates-too-large',
  'fetch-too-many-redirects',
  'fetch-redirect-loop',
] as const satisfies readonly FailureCode[];

const counts = z.object({ bytes: z.number(), totalBytes: z.number().optional() });

const fetchLine = z.union([
  z.object({ progress: counts }),
  z.object({ done: counts }),
  z.object({ failure: z.object({ code: z.enum(FAILURES), error: z.string() }) }),
]);

export type FetchLine = z.infer<typeof fetchLine>;

function formatFetchLine(line: FetchLine): string {
  return `${JSON.stringify(line)}\n`;
}

/**
 * The whole work of the `fetch` function: `write` gets the lines. What is not the URL's fault is thrown, so that the
 * invocation fails and the attempt is made again.
 */
export async function answerFetch(
  ports: FetchAttemptPorts,
  event: unknown,
  write: (line: string) => void,
): Promise<void> {
  const { correlationId, ...source } = fetchEvent.parse(event);
  const fields = { correlationId, sourceUuid: source.sourceUuid };
  const report = (progress: FetchProgress) => write(formatFetchLine({ progress }));
  try {
    const done = await withLogFields(fields, () => fetchAttempt(ports, source, report));
    if (done) write(formatFetchLine({ done }));
  } catch (error) {
    const code = error instanceof SourceFailure ? FAILURES.find((known) => known === error.code) : undefined;
    if (code === undefined) throw error;
    write(formatFetchLine({ failure: { code, error: (error as SourceFailure).message } }));
  }
}

/** The other side: throws SourceFailure for `failure`, and a plain Error where the answer ends without either. */
export async function readFetchAnswer(
  chunks: AsyncIterable<Uint8Array>,
  onProgress: (progress: FetchProgress) => void,
): Promise<FetchProgress> {
  for await (const text of readLines(chunks)) {
    const line = fetchLine.parse(JSON.parse(text));
    if ('done' in line) return line.done;
    if ('failure' in line) throw new SourceFailure(line.failure.code, line.failure.error);
    onProgress(line.progress);
  }
  throw new Error('the fetch function ended without an answer');
}
