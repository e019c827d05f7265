import { writeSync } from 'node:fs';
import { openDocument } from './document.ts';
import { extractDocument } from './extract-document.ts';
import { failureOf } from './worker-failure.ts';
import type { WorkerMessage } from './worker-message.ts';
import { MESSAGES_FD, type WorkerRequest } from './worker-protocol.ts';

/** The program of the child that parses one document and ends. See worker-protocol.ts for what goes in and comes out. */

const TEXT_FD = 1;

/** A page may take a millisecond: nobody wants to hear of each. */
const PROGRESS_EVERY_MS = 100;

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // A pipe that somebody made non-blocking: wait for its reader, which is all that is left to do.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function send(message: WorkerMessage): void {
  writeAll(MESSAGES_FD, Buffer.from(`${JSON.stringify(message)}\n`));
}

function brokenBy(error: unknown) {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  return { code: 'document-broken', error: 'The document is damaged and cannot be read: save it anew.' } as const;
}

async function main(): Promise<void> {
  const request = JSON.parse(process.argv[2]!) as WorkerRequest;
  const document = openDocument(0);
  let ready = true;
  const tellReady = (now: boolean) => {
    ready = now;
    send({ ready });
  };
  tellReady(true);
  let toldAt = Number.NEGATIVE_INFINITY;
  try {
    const done = await extractDocument(document, request, {
      text: (bytes) => writeAll(TEXT_FD, bytes),
      progress(progress) {
        const last =
          'pages' in progress ? progress.pages === progress.totalPages : progress.bytes === progress.totalBytes;
        if (!last && performance.now() - toldAt < PROGRESS_EVERY_MS) return;
        toldAt = performance.now();
        send({ progress });
      },
      async load(importing) {
        tellReady(false);
        const part = await importing();
        tellReady(true);
        return part;
      },
    });
    send({ done });
  } catch (error) {
    if (!ready) throw error;
    send({ failure: failureOf(error) ?? brokenBy(error) });
  }
}

await main();
// A parser's leftover timer or promise would keep the child, and with it the function, waiting.
process.exit(0);
