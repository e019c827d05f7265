import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SourceFailure } from '../../../domain/errors.ts';
import { bundleWorker } from '../../../lib/bundle.ts';
import { DOCX_DOCUMENTS } from '../../corpus/docx/documents.ts';
import { EPUB_DOCUMENTS } from '../../corpus/epub/documents.ts';
import { ODF_DOCUMENTS } from '../../corpus/odf/documents.ts';
import { CJK_DOCUMENTS } from '../../corpus/pdf/cjk.ts';
import { PPTX_DOCUMENTS } from '../../corpus/pptx/documents.ts';
import { XLSX_DOCUMENTS } from '../../corpus/xlsx/documents.ts';
import { extraction, pdfOf } from './harness.ts';

/** The worker as it is deployed: beside nothing but its own parts. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worker-bundle-'));
  bundleWorker(ROOT, folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function extracted(filename: string, bytes: Uint8Array | string, readable = folder) {
  const workerPath = join(readable, 'extract-worker.mjs');
  const test = await extraction(filename, bytes, { workerPath, readable: [readable] });
  return { test, outcome: await test.run().catch((reason: unknown) => reason) };
}

describe('the bundled worker', () => {
  it('reads a PDF, a page and a text, and may read nothing but its own folder', async () => {
    const pdf = await extracted('a.pdf', await pdfOf(['Hello bundle']));
    expect(pdf.outcome).toMatchObject({ pages: 1, words: 2 });
    expect(pdf.test.text()).toBe('Hello bundle\n');
    expect((await extracted('a.html', '<!doctype html><title>T</title><p>x')).outcome).toMatchObject({ title: 'T' });
    expect((await extracted('a.txt', 'Hello text')).outcome).toMatchObject({ words: 2 });
  });

  it.each([
    DOCX_DOCUMENTS[0]!,
    PPTX_DOCUMENTS[0]!,
    XLSX_DOCUMENTS[0]!,
    ODF_DOCUMENTS[0]!,
    ODF_DOCUMENTS[1]!,
    EPUB_DOCUMENTS[0]!,
  ])('reads $about', async ({ filename, bytes, text, title, mediaType }) => {
    const { outcome, test } = await extracted(filename, bytes);
    expect(outcome).toMatchObject({ 'media-type': mediaType, title: title ?? filename });
    expect(test.text()).toBe(text);
    expect(test.progress.at(-1)).toEqual({ bytes: bytes.length, totalBytes: bytes.length });
  });

  it.each(CJK_DOCUMENTS)('reads $about', async ({ filename, bytes, text }) => {
    const { outcome, test } = await extracted(filename, bytes);
    expect(outcome).toMatchObject({ pages: 1 });
    expect(test.text()).toBe(text);
  });

  it('names what it refuses', async () => {
    const { outcome } = await extracted('a.txt', PNG);
    expect(outcome).toMatchObject({ code: 'unsupported-media-type', message: expect.stringContaining('image/png') });
  });

  it('says nothing on its standard error: no missing canvas, no polyfill', async () => {
    writeFileSync(join(folder, 'a.pdf'), await pdfOf(['Hello', '']));
    const request = JSON.stringify({ filename: 'a.pdf', textBytes: 1000, pages: 10 });
    const args = ['--permission', `--allow-fs-read=${folder}`, join(folder, 'extract-worker.mjs'), request];
    const child = spawnSync(process.execPath, args, {
      stdio: [openSync(join(folder, 'a.pdf'), 'r'), 'pipe', 'pipe', 'pipe'],
      env: {},
    });
    expect(child.stderr.toString()).toBe('');
    expect(child.output[3]?.toString()).toContain('"done"');
  });
});

/** Every document pays for what the worker loads: what most do not need comes in parts of its own. */
describe('the bundled worker without its large parts', () => {
  let small: string;

  beforeAll(() => {
    small = mkdtempSync(join(tmpdir(), 'worker-bundle-small-'));
    cpSync(folder, small, { recursive: true, filter: (path) => statSync(path).size < 30_000 });
  });
  afterAll(() => rmSync(small, { recursive: true }));

  it('reads a text', async () => {
    expect((await extracted('a.md', '# Title\n\nSome text', small)).outcome).toMatchObject({ title: 'Title' });
  });

  it.each(['a.pdf', 'a.html', 'a.docx'])(
    'does not blame %s for it, and another attempt is worth it',
    async (filename) => {
      const bytes =
        filename === 'a.pdf'
          ? await pdfOf(['Hello'])
          : filename === 'a.docx'
            ? DOCX_DOCUMENTS[0]!.bytes
            : '<!doctype html><p>Hello';
      const { outcome, test } = await extracted(filename, bytes, small);
      expect(outcome).toBeInstanceOf(Error);
      expect(outcome).not.toBeInstanceOf(SourceFailure);
      expect(test.log.of('extract-worker-crashed')).toMatchObject([{ ready: false }]);
    },
  );

  it('refuses what it cannot name all the same', async () => {
    expect((await extracted('a.txt', PNG, small)).outcome).toMatchObject({ code: 'unsupported-media-type' });
  });
});
