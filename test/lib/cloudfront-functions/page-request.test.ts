import { expect, it } from 'vitest';
import { runFunction } from './viewer-request.ts';

const run = (method: string, uri: string, headers = {}) =>
  runFunction(
    'page-request.js',
    { method, uri, querystring: {}, headers: { host: { value: 'upload.example.com' }, ...headers } },
    { PAGE_FILES: '/,/index.html,/main.js' },
  );

it.each([
  ['GET', '/'],
  ['HEAD', '/'],
  ['GET', '/index.html'],
  ['GET', '/main.js'],
])('lets %s %s through, as it is', (method, uri) => {
  expect(run(method, uri)).toMatchObject({ method, uri });
});

it.each([
  ['GET', '/nothing'],
  ['GET', '/main'],
  ['GET', '/main.js/'],
  ['GET', '//main.js'],
  ['GET', '/public'],
  ['GET', '/ws'],
  ['POST', '/PUBLIC/sources/ws'],
  ['POST', '//public/sources/ws'],
  ['POST', '/'],
  ['DELETE', '/main.js'],
])('answers %s %s with 404 by itself, in the words of the contract', (method, uri) => {
  const response = run(method, uri);
  expect(response.statusCode).toBe(404);
  expect(JSON.parse(response.body)).toEqual({ error: expect.any(String), code: 'not-found' });
});

it.each(['/', '/main.js'])('answers the handshake of a WebSocket at %s with 404: sockets are at /ws/ only', (uri) => {
  const response = run('GET', uri, { 'sec-websocket-key': { value: 'dGhlIHNhbXBsZSBub25jZQ==' } });
  expect(response.statusCode).toBe(404);
  expect(JSON.parse(response.body)).toMatchObject({ code: 'not-found' });
});
