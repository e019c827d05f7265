import { expect, it } from 'vitest';
import { mediaTypeOf } from '../../domain/media-type.ts';

it.each([
  ['text/html', 'text/html'],
  [' Text/HTML ; charset=utf-8; boundary="a;b"', 'text/html'],
  ['application/vnd.oasis.opendocument.text', 'application/vnd.oasis.opendocument.text'],
  ['', undefined],
  [undefined, undefined],
  ['text', undefined],
  ['text/', undefined],
  ['text/html, text/plain', undefined],
  ['text/<script>', undefined],
  ['text/pl\u00e4in', undefined],
  [`text/${'x'.repeat(100)}`, undefined],
])('of the Content-Type %j is %j', (contentType, expected) => {
  expect(mediaTypeOf(contentType)).toBe(expected);
});
