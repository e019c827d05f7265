import { describe, expect, it } from 'vitest';
import {
  type Answer,
  breaksOff,
  breaksOffInChunks,
  CONTENT,
  ETAG,
  HALF,
  OLD,
  pausingClock,
  rest,
  script,
  status,
  whole,
} from './scripted-server.ts';
import { failure, read } from './web-server.ts';

describe('the rest of a body that broke off', () => {
  it.each<[string, Answer]>([
    ['says that it begins elsewhere', rest({ ...ETAG, 'content-range': 'bytes 9-19/20' })],
    ['begins elsewhere', rest(ETAG, HALF - 1)],
    ['begins nowhere', rest({ ...ETAG, 'content-range': 'bytes */20' })],
    ['is of a longer content', rest({ ...ETAG, 'content-range': 'bytes 10-20/21' })],
    ['is not the whole rest', rest({ ...ETAG, 'content-range': 'bytes 10-18/20' })],
    ['is not the whole rest of who knows how much', rest({ ...ETAG, 'content-range': 'bytes 10-18/*' })],
    ['is of another version', rest({ etag: '"v2"' })],
    ['is compressed by itself', rest({ ...ETAG, 'content-encoding': 'gzip' })],
    ['comes as parts with headers', rest({ ...ETAG, 'content-type': 'multipart/byteranges; boundary=x' })],
    ['is none, since there is no such range', status(416)],
  ])('is not taken where it %s', async (_title, answer) => {
    const { options } = pausingClock();
    await using server = await script(breaksOff(ETAG), answer, whole());
    const { bytes, restarts } = await read(server.url, options);
    expect(bytes).toEqual(CONTENT);
    expect(restarts).toBe(1);
    expect(server.requests[2]).not.toHaveProperty('range');
    expect(server.requests).toHaveLength(3);
  });

  // The validator of the condition was the same; the content was not, and the server knew no conditions.
  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['another Last-Modified', OLD, { ...OLD, 'last-modified': 'Wed, 01 Jan 2025 00:00:01 GMT' }],
    ['another weak ETag', { ...OLD, etag: 'W/"1"' }, { ...OLD, etag: 'W/"2"' }],
    ['an ETag beside the Last-Modified, which there was not', OLD, { ...OLD, ...ETAG }],
    ['another Last-Modified beside the ETag', { ...OLD, ...ETAG }, { ...ETAG, 'last-modified': OLD.date }],
  ])('is not taken where it has %s', async (_title, first, second) => {
    const { options } = pausingClock();
    await using server = await script(breaksOff(first), rest(second), whole());
    const { bytes, restarts } = await read(server.url, options);
    expect(bytes).toEqual(CONTENT);
    expect(restarts).toBe(1);
    expect(server.requests).toHaveLength(3);
  });

  it('is taken where it has the same Last-Modified and weak ETag, or names neither', async () => {
    const { options } = pausingClock();
    const headers = { ...OLD, etag: 'W/"1"' };
    for (const second of [headers, {}]) {
      await using server = await script(breaksOff(headers), rest(second));
      expect(await read(server.url, options)).toMatchObject({ bytes: CONTENT, restarts: 0 });
    }
  });

  it('is not taken where neither answer says how much there is: what it brings may not be all', async () => {
    const { options } = pausingClock();
    const part: Answer = (response) =>
      response.writeHead(206, { ...ETAG, 'content-range': 'bytes 10-11/*' }).end(CONTENT.subarray(10, 12));
    await using server = await script(breaksOffInChunks, part, whole());
    const { bytes, restarts } = await read(server.url, options);
    expect(bytes).toEqual(CONTENT);
    expect(restarts).toBe(1);
  });

  it('is asked for once more where it ends before what it says, and nothing else had said it', async () => {
    const { options } = pausingClock();
    const short: Answer = (response) => {
      response.writeHead(206, { ...ETAG, 'content-range': 'bytes 10-19/20', 'content-length': 2 });
      response.end(CONTENT.subarray(10, 12));
    };
    await using server = await script(breaksOffInChunks, short, rest(ETAG, 12));
    expect((await read(server.url, options)).bytes).toEqual(CONTENT);
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=10-', 'bytes=12-']);
  });

  it('is held to what an earlier one said of the whole', async () => {
    const { options } = pausingClock();
    const short: Answer = (response) =>
      response.writeHead(206, { ...ETAG, 'content-range': 'bytes 10-19/20' }).end(CONTENT.subarray(10, 12));
    const other: Answer = (response) =>
      response.writeHead(206, { ...ETAG, 'content-range': 'bytes 12-13/14' }).end(CONTENT.subarray(12, 14));
    await using server = await script(breaksOffInChunks, short, other, whole());
    expect(await read(server.url, options)).toMatchObject({ bytes: CONTENT, restarts: 1 });
  });

  it.each<[string, Answer]>([
    ['the length that the first answer named', breaksOff(ETAG)],
    ['what it says itself', breaksOffInChunks],
  ])('ends with fetch-length-mismatch where it brings more than %s', async (_title, first) => {
    const { options } = pausingClock();
    const long: Answer = (response) => {
      response.writeHead(206, { ...ETAG, 'content-range': 'bytes 10-19/20' });
      response.write(CONTENT.subarray(10));
      response.end('garbage');
    };
    await using server = await script(first, long);
    expect((await failure(server.url, options)).code).toBe('fetch-length-mismatch');
    expect(server.requests).toHaveLength(2);
  });

  it('is asked for once more where it ends too early, however properly', async () => {
    const { options } = pausingClock();
    const short: Answer = (response) => {
      response.writeHead(206, { ...ETAG, 'content-range': 'bytes 10-19/20', 'transfer-encoding': 'chunked' });
      response.end(CONTENT.subarray(10, 15));
    };
    await using server = await script(breaksOff(ETAG), short, rest(ETAG, 15));
    expect((await read(server.url, options)).bytes).toEqual(CONTENT);
    expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=10-', 'bytes=15-']);
  });
});
