import { fileURLToPath } from 'node:url';
import type PDFDocument from 'pdfkit';
import { systemClock } from '../../../adapters/clock.ts';
import {
  createExtractProcessor,
  type ExtractProcessorOptions,
  type ExtractResult,
} from '../../../adapters/extract/processor.ts';
import { createMemoryLog } from '../../../adapters/memory/log.ts';
import { createMemorySourceFiles } from '../../../adapters/memory/source-files.ts';
import type { ExtractProgress, Source } from '../../../app/ports.ts';
import { printed } from '../../corpus/pdf/printed.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export const REAL_WORKER = { workerPath: `${ROOT}adapters/extract/worker.ts`, readable: [ROOT] };
export const MISBEHAVING_WORKER = { workerPath: fileURLToPath(new URL('./misbehaving-worker.mjs', import.meta.url)) };

export function sourceOf(filename: string, url?: string): Source {
  return {
    sourceUuid: '6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d',
    generation: 1,
    owner: '1',
    wsUuid: '2f9d6a63-43a7-4b0e-9f61-0a3f4f1f7a11',
    shard: 0,
    batchSize: 1,
    type: url === undefined ? 'file-upload' : 'url-upload',
    filename,
    ...(url !== undefined && { url }),
    contentSha256: 'e3b0c442',
    queued: true,
    attempt: 1,
    redriven: 0,
    leaseUntil: 0,
    openedAt: 0,
    deadline: 0,
    expiresAt: 0,
  };
}

export interface Extraction {
  readonly files: ReturnType<typeof createMemorySourceFiles>;
  readonly log: ReturnType<typeof createMemoryLog>;
  readonly source: Source;
  readonly progress: ExtractProgress[];
  run(signal?: AbortSignal): Promise<ExtractResult>;
  text(): string;
}

export async function extraction(
  filename: string,
  bytes: Uint8Array | string,
  options: Partial<ExtractProcessorOptions> & { readonly url?: string } = {},
): Promise<Extraction> {
  const files = createMemorySourceFiles();
  const log = createMemoryLog();
  const source = sourceOf(filename, options.url);
  const progress: ExtractProgress[] = [];
  await files.putOriginal(source, Buffer.from(bytes as string));
  const processor = createExtractProcessor({ files, log, clock: systemClock, ...REAL_WORKER, ...options });
  return {
    files,
    log,
    source,
    progress,
    run: (signal = new AbortController().signal) =>
      processor.process(source, (each) => progress.push(each), signal) as Promise<ExtractResult>,
    text: () => Buffer.from(files.stored(source, 'text.txt')!).toString(),
  };
}

export async function pdfOf(
  pages: readonly string[],
  options: ConstructorParameters<typeof PDFDocument>[0] = {},
): Promise<Buffer> {
  return printed(
    (pdf) => {
      for (const page of pages) {
        pdf.addPage();
        if (page === '') pdf.rect(10, 10, 100, 100).fill('black');
        else pdf.text(page);
      }
    },
    undefined,
    options,
  );
}
