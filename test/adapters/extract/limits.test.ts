import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as limits from '../../../adapters/extract/limits.ts';

const protocol = readFileSync(new URL('../../../PROTOCOL.md', import.meta.url), 'utf8');
const { EXTRACT_LIMITS } = limits;

describe('PROTOCOL.md', () => {
  it.each([
    ['text of a document', `${EXTRACT_LIMITS.textBytes / 2 ** 20} MiB`, 'document-too-large'],
    ['pages or slides', EXTRACT_LIMITS.pages.toLocaleString('en-US'), 'document-too-large'],
    ['cells of all sheets', limits.MAX_SHEET_CELLS.toLocaleString('en-US'), 'document-too-large'],
    ['files in a document that is a zip', limits.MAX_ZIP_PARTS.toLocaleString('en-US'), 'document-too-many-parts'],
    ['what of them is read', `${limits.MAX_INFLATED_BYTES / 2 ** 20} MiB`, 'document-inflates-too-large'],
    ['what of them is read', `${limits.MAX_INFLATE_RATIO} times`, 'document-inflates-too-large'],
    [
      'elements inside one another',
      `${limits.MAX_XML_DEPTH.toLocaleString('en-US')} in an office`,
      'document-too-deep',
    ],
    ['elements inside one another', `${limits.MAX_HTML_DEPTH.toLocaleString('en-US')} in a page`, 'document-too-deep'],
    ['reading a document', `${EXTRACT_LIMITS.wallClockMs / 1000} s`, 'document-timeout'],
  ])('says of "%s" that it is %s, and the code beyond it', (what, limit, code) => {
    const row = protocol.split('\n').find((line) => line.startsWith(`| ${what}`));
    expect(row).toContain(limit);
    expect(row).toContain(`\`${code}\``);
  });
});
