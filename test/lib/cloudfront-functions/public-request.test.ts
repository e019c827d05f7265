import { expect, it } from 'vitest';
import { runFunction } from './viewer-request.ts';

const request = {
  uri: '/public/sources/ws',
  querystring: {},
  headers: { host: { value: 'upload.example.com' }, 'x-api-key': { value: 'cap-1' } },
};

it('tells the origin which host the viewer called, and changes nothing else', () => {
  expect(runFunction('public-request.js', request)).toEqual({
    ...request,
    headers: { ...request.headers, 'x-viewer-host': { value: 'upload.example.com' } },
  });
});

it('does not let a viewer choose the host: its own x-viewer-host is overwritten', () => {
  const forged = { ...request, headers: { ...request.headers, 'x-viewer-host': { value: 'evil.example.net' } } };
  expect(runFunction('public-request.js', forged).headers['x-viewer-host']).toEqual({ value: 'upload.example.com' });
});
