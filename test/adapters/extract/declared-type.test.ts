import { describe, expect, it } from 'vitest';
import { typeContradiction } from '../../../adapters/extract/declared-type.ts';
import { extraction } from './harness.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

describe('a declared type and the content', () => {
  it.each([
    [undefined, 'text/html'],
    ['text/html', 'text/html'],
    ['application/octet-stream', 'application/pdf'],
    ['application/force-download', 'application/pdf'],
    ['application/x-pdf', 'application/pdf'],
    ['text/plain', 'text/markdown'],
    ['text/plain', 'application/json'],
    ['text/xml', 'application/xml'],
    ['image/svg+xml', 'application/xml'],
    ['application/ld+json', 'application/json'],
    ['application/xhtml+xml', 'text/html'],
    ['application/zip', DOCX],
    ['application/x-zip-compressed', 'application/epub+zip'],
    ['application/vnd.ms-excel', 'text/csv'],
    ['text/csv', 'text/plain'],
    ['text/markdown', 'text/plain'],
    ['text/x-python', 'text/plain'],
    ['text/x-rst', 'text/markdown'],
    ['application/x-yaml', 'text/plain'],
    ['application/javascript', 'text/plain'],
    ['text/calendar', 'text/plain'],
  ])('do not contradict each other: %s and %s', (declared, mediaType) => {
    expect(typeContradiction(declared, mediaType)).toBeUndefined();
  });

  it.each([
    ['text/html', 'application/pdf'],
    ['text/plain', 'application/pdf'],
    ['text/plain', DOCX],
    ['application/pdf', 'text/plain'],
    ['application/zip', 'application/pdf'],
    ['image/png', 'text/html'],
    ['text/csv', 'text/html'],
    ['text/html', 'text/plain'],
    ['text/xml', 'text/plain'],
    ['text/rtf', 'text/plain'],
    ['text/x-python', 'application/pdf'],
    ['application/x-yaml', 'text/html'],
    ['application/json', 'text/plain'],
  ])('contradict each other: %s and %s', (declared, mediaType) => {
    expect(typeContradiction(declared, mediaType)).toBe(
      `It was sent as ${declared}, the content is ${mediaType}: the content was believed.`,
    );
  });

  it('stand in the result, and what contradicts is noted beside what the name says', async () => {
    const test = await extraction('paper.pdf', 'Only words.');
    await test.files.putOriginal(test.source, Buffer.from('Only words.'), { mediaType: 'image/png' });
    const { note, ...result } = await test.run();
    expect(result).toMatchObject({ 'media-type': 'text/plain', 'declared-type': 'image/png' });
    expect(note).toBe(
      'The name says application/pdf, the content is text/plain: the content was believed. It was sent as image/png, the content is text/plain: the content was believed.',
    );
  });
});
