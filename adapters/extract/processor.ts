import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock, Log, OriginalDetails, Processor, Source, SourceFiles } from '../../app/ports.ts';
import { SourceFailure } from '../../domain/errors.ts';
import { typeContradiction } from './declared-type.ts';
import { EXTRACT_LIMITS, type ExtractLimits } from './limits.ts';
import { type Spooled, spool } from './spool.ts';
import type { Extracted } from './worker-message.ts';
import { startWorker } from './worker-run.ts';

export interface ExtractProcessorOptions {
  readonly files: SourceFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: `extract-worker.mjs` beside this module, where the bundle has it. */
  readonly workerPath?: string;
  /** Folders that the worker may read. Default: the one that it lies in. */
  readonly readable?: readonly string[];
  readonly libraryPath?: string | undefined;
  /** Default: EXTRACT_LIMITS, each by itself. */
  readonly limits?: Partial<ExtractLimits>;
}

/** The `result` of a source whose text was extracted. */
export interface ExtractResult {
  readonly title: string;
  readonly 'media-type': string;
  readonly 'declared-name'?: string;
  readonly 'declared-type'?: string;
  readonly note?: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly pages?: number;
  readonly words?: number;
  readonly characters: number;
  readonly preview: string;
  readonly language?: string;
  readonly 'text-url': string;
  readonly 'text-url-expires': string;
}

/** Takes the text out of the source's original, in a child process that is gone when this returns. */
export function createExtractProcessor(options: ExtractProcessorOptions): Processor {
  const { files, clock, log } = options;
  const limits: ExtractLimits = { ...EXTRACT_LIMITS, ...options.limits };
  const workerPath = options.workerPath ?? fileURLToPath(new URL('./extract-worker.mjs', import.meta.url));
  const readable = options.readable ?? [dirname(workerPath)];

  async function process(
    source: Source,
    onProgress: Parameters<Processor['process']>[1],
    signal: AbortSignal,
  ): Promise<ExtractResult> {
    signal.throwIfAborted();
    await using document = await spoolOriginal(files, source, limits, signal);
    await using run = startWorker({
      workerPath,
      readable,
      libraryPath: options.libraryPath,
      documentFd: document.fd,
      filename: declaredNameOf(source, document),
      limits,
      clock,
      log,
      signal,
      onProgress,
    });
    await storeText(files, source, run.text, run.outcome);
    const result = await resultOf(files, source, document, await run.outcome, clock.now());
    await files.putResult(source, result);
    return result;
  }

  return { stage: 'extract', process };
}

async function spoolOriginal(
  files: SourceFiles,
  source: Source,
  limits: ExtractLimits,
  signal: AbortSignal,
): Promise<Spooled & OriginalDetails> {
  const original = await files.readOriginal(source);
  if (!original) throw new Error('the original is not there');
  if (original.bytes > limits.documentBytes) {
    // The port wants the stream to be used or let go: an iterator that has not begun does not end it.
    for await (const _ of original.body) break;
    const limit = Math.floor(limits.documentBytes / 2 ** 20);
    throw new SourceFailure(
      'document-too-large',
      `The document is larger than ${limit} MiB, the most that is read: split it.`,
    );
  }
  const document = await spool(original.body, signal);
  if (document.bytes !== original.bytes) {
    await document[Symbol.asyncDispose]();
    throw new Error(`the original has ${original.bytes} bytes, and ${document.bytes} came`);
  }
  const { name, mediaType } = original;
  return { ...document, ...(name !== undefined && { name }), ...(mediaType !== undefined && { mediaType }) };
}

/** Nothing is put before there is text, and nothing stays put when the child fails: its failure ends the stream. */
async function storeText(
  files: SourceFiles,
  source: Source,
  text: AsyncIterable<Uint8Array>,
  outcome: Promise<unknown>,
): Promise<void> {
  const chunks = text[Symbol.asyncIterator]();
  const first = await chunks.next();
  async function* all(): AsyncGenerator<Uint8Array> {
    if (!first.done) yield first.value;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  let failed: { readonly error: unknown } | undefined;
  outcome.catch((error: unknown) => {
    failed = { error };
  });
  try {
    await files.putText(source, all());
  } catch (error) {
    // A store may wrap what its source throws: what the child failed with is the answer.
    throw failed ? failed.error : error;
  }
}

async function resultOf(
  files: SourceFiles,
  source: Source,
  document: Spooled & OriginalDetails,
  extracted: Extracted,
  now: number,
): Promise<ExtractResult> {
  const { mediaType, title, pages, words, characters, preview, language } = extracted;
  const notes = [extracted.note, typeContradiction(document.mediaType, mediaType)].filter((each) => each !== undefined);
  const link = await files.textUrl(source, now);
  const declaredName = declaredNameOf(source, document);
  return {
    title: title ?? (declaredName.trim() || nameInUrl(source.url) || 'Untitled'),
    'media-type': mediaType,
    ...(declaredName !== '' && { 'declared-name': declaredName }),
    ...(document.mediaType !== undefined && { 'declared-type': document.mediaType }),
    ...(notes.length > 0 && { note: notes.join(' ') }),
    bytes: document.bytes,
    sha256: document.sha256,
    ...(pages !== undefined && { pages }),
    ...(words !== undefined && { words }),
    characters,
    preview,
    ...(language !== undefined && { language }),
    'text-url': link.url,
    'text-url-expires': new Date(link.expiresAt).toISOString(),
  };
}

/** By the uploader, else by the server that it was fetched from. */
function declaredNameOf({ filename }: Source, { name }: OriginalDetails): string {
  return filename.trim() === '' ? (name ?? '') : filename;
}

/** The last name in the path, or the host. Never the query: it may be a secret. */
function nameInUrl(url: string | undefined): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url);
  if (!parsed) return undefined;
  const name = parsed.pathname.split('/').findLast((part) => part !== '') ?? parsed.hostname;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
