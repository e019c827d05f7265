import { describe, expect, it } from 'vitest';
import { parseUploadRequest, parseWsAddressRequest } from '../../domain/requests.ts';

const wsUuid = '5b0f6c1e-8a3d-4f6e-9b7a-2c4d8e1f0a35';
const sourceUuid = 'C3D9A1F2-6E47-4B8C-A5D0-7F1E2B3C4D5E';

describe('the body of the ws call', () => {
  it('keeps the ws-uuid as it was written', () => {
    expect(parseWsAddressRequest({ 'ws-uuid': wsUuid.toUpperCase() })).toEqual({ wsUuid: wsUuid.toUpperCase() });
    expect(parseWsAddressRequest({ 'ws-uuid': wsUuid, 'batch-size': 3, more: 1 })).toEqual({ wsUuid, batchSize: 3 });
  });

  it.each([
    ['invalid-request', null],
    ['invalid-request', []],
    ['invalid-request', 'text'],
    ['ws-uuid-missing', {}],
    ['ws-uuid-missing', { 'ws-uuid': '' }],
    ['ws-uuid-invalid', { 'ws-uuid': 'abc' }],
    ['ws-uuid-invalid', { 'ws-uuid': 7 }],
    ['ws-uuid-invalid', { 'ws-uuid': `${wsUuid}\n` }],
    ['batch-size-invalid', { 'ws-uuid': wsUuid, 'batch-size': 0 }],
    ['batch-size-invalid', { 'ws-uuid': wsUuid, 'batch-size': 1.5 }],
    ['batch-size-invalid', { 'ws-uuid': wsUuid, 'batch-size': '2' }],
    ['batch-size-invalid', { 'ws-uuid': wsUuid, 'batch-size': 1001 }],
  ])('refuses with %s: %j', (code, body) => {
    expect(() => parseWsAddressRequest(body)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the form of an upload', () => {
  const ids = { 'ws-uuid': wsUuid, 'source-uuid': sourceUuid };
  const form = (fields: Record<string, string>, file?: { filename: string; mediaType?: string; bytes: Buffer }) => ({
    fields: new Map(Object.entries(fields)),
    ...(file && { file }),
  });
  const file = { filename: 'a.txt', bytes: Buffer.from('text') };

  it('takes a file, named by the field before the part', () => {
    expect(parseUploadRequest(form({ ...ids, filename: 'b.txt' }, file))).toEqual({
      wsUuid,
      sourceUuid,
      filename: 'b.txt',
      content: { file: file.bytes },
    });
    expect(parseUploadRequest(form(ids, file)).filename).toBe('a.txt');
  });

  it('takes what the sender says that the file is, where it is a type at all', () => {
    const typed = (mediaType: string) => parseUploadRequest(form(ids, { ...file, mediaType })).content;
    expect(typed('Text/HTML; charset=utf-8')).toEqual({ file: file.bytes, mediaType: 'text/html' });
    expect(typed('nothing')).toEqual({ file: file.bytes });
  });

  it('takes a URL, and an empty file input beside it for none', () => {
    const empty = { filename: '', bytes: Buffer.alloc(0) };
    expect(parseUploadRequest(form({ ...ids, content: 'https://example.com/a?b=c' }, empty)).content).toEqual({
      url: 'https://example.com/a?b=c',
    });
  });

  it('shows a name without control characters and of bounded length', () => {
    expect(parseUploadRequest(form({ ...ids, filename: 'a\u0000b\n.txt' }, file)).filename).toBe('a b .txt');
    expect(parseUploadRequest(form({ ...ids, filename: 'x'.repeat(5000) }, file)).filename).toHaveLength(512);
    // Python prints no half of a character, and fails.
    expect(parseUploadRequest(form({ ...ids, filename: `${'x'.repeat(511)}😀` }, file)).filename).toBe('x'.repeat(511));
    expect(parseUploadRequest(form({ ...ids, filename: ' \n\u0001 ' }, file)).filename).toBe('a.txt');
  });

  it.each([
    ['ws-uuid-missing', form({ 'source-uuid': sourceUuid }, file)],
    ['ws-uuid-invalid', form({ ...ids, 'ws-uuid': 'x' }, file)],
    ['source-uuid-missing', form({ 'ws-uuid': wsUuid }, file)],
    ['source-uuid-invalid', form({ ...ids, 'source-uuid': '..' }, file)],
    ['file-or-content-missing', form(ids)],
    ['file-or-content-missing', form({ ...ids, content: '' })],
    ['file-and-content', form({ ...ids, content: 'https://example.com/' }, file)],
    ['empty-file', form(ids, { filename: 'a.txt', bytes: Buffer.alloc(0) })],
    ['content-not-a-url', form({ ...ids, content: 'no url' })],
    ['content-not-a-url', form({ ...ids, content: 'ftp://example.com/a' })],
    ['content-not-a-url', form({ ...ids, content: 'file:///etc/passwd' })],
    ['content-not-a-url', form({ ...ids, content: 'https://user:secret@example.com/' })],
  ])('refuses with %s', (code, given) => {
    expect(() => parseUploadRequest(given)).toThrow(expect.objectContaining({ code }));
  });
});
