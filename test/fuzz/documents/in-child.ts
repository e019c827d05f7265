import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SourceFailure } from '../../../domain/errors.ts';
import { bundleWorker } from '../../../lib/bundle.ts';
import { extraction } from '../../adapters/extract/harness.ts';
import { type DocumentVerdict, sentenceOf } from './check-document.ts';
import type { FuzzDocument } from './corpus.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface InChild extends Disposable {
  /** Reads the document as an upload is read: in a process of its own, with all limits. */
  check(document: FuzzDocument): Promise<DocumentVerdict>;
}

/** Made once for many documents: the program as it is deployed. */
export function createInChild(): InChild {
  const folder = mkdtempSync(join(tmpdir(), 'source-upload-fuzz-worker-'));
  bundleWorker(ROOT, folder);
  const worker = { workerPath: join(folder, 'extract-worker.mjs'), readable: [folder] };
  return {
    async check({ filename, bytes }) {
      const test = await extraction(filename, bytes, worker);
      try {
        const result = await test.run();
        return { end: result['media-type'], textBytes: test.files.stored(test.source, 'text.txt')?.length ?? 0 };
      } catch (error) {
        if (!(error instanceof SourceFailure)) return { end: 'error', textBytes: 0, wrong: `rejected with ${error}` };
        const crash = test.log.of('extract-worker-crashed')[0];
        const verdict = { ...sentenceOf(error.code, error.message), textBytes: 0 };
        return crash && error.code !== 'document-memory' ? { ...verdict, wrong: JSON.stringify(crash) } : verdict;
      }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
