import { checkDocument, type DocumentVerdict } from './check-document.ts';
import { documentCase } from './mutate-document.ts';

/** The program of a process that tries documents one after the other, until it is told to stop or is stopped. */

export interface BatchRequest {
  readonly seed: number;
  readonly indexes: readonly number[];
}

/** `begun` comes before each: who watches knows which one it was, if nothing more comes. */
export type BatchMessage =
  | { readonly begun: number }
  | { readonly ended: number; readonly verdict: DocumentVerdict; readonly cpuMs: number }
  | { readonly uncaught: string };

function send(message: BatchMessage): void {
  process.send!(message);
}

process.on('uncaughtException', (error) => send({ uncaught: error.stack ?? String(error) }));
process.on('unhandledRejection', (error) => send({ uncaught: error instanceof Error ? error.stack! : String(error) }));

process.on('message', async ({ seed, indexes }: BatchRequest) => {
  for (const index of indexes) {
    send({ begun: index });
    const document = documentCase(seed, index);
    const before = process.threadCpuUsage();
    const verdict = await checkDocument(document);
    const { user, system } = process.threadCpuUsage(before);
    send({ ended: index, verdict, cpuMs: (user + system) / 1000 });
    // What was thrown beside this one is its own, and not of the next.
    await new Promise((resolve) => setImmediate(resolve));
  }
  process.disconnect();
});
