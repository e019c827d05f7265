import { expect, it } from 'vitest';
import { runFunction, type ViewerRequest } from './viewer-request.ts';

const uuid = '3f1c9a52-7d0e-4b6a-9c1f-2e8d5a7b0c44';

function run(request: Partial<ViewerRequest>) {
  return runFunction('socket-request.js', {
    uri: `/ws/${uuid}`,
    querystring: {},
    headers: { host: { value: 'upload.example.com' }, origin: { value: 'https://page.example.com' } },
    ...request,
  });
}

it('moves the channel from the path into the query, and calls the stage', () => {
  expect(run({})).toEqual({
    uri: '/%WEBSOCKET_STAGE%',
    querystring: { 'ws-uuid': { value: uuid } },
    headers: {
      host: { value: 'upload.example.com' },
      origin: { value: 'https://page.example.com' },
      'x-viewer-host': { value: 'upload.example.com' },
    },
  });
});

it('keeps the spelling of the channel, upper case or lower', () => {
  const upper = uuid.toUpperCase();
  expect(run({ uri: `/ws/${upper}` }).querystring['ws-uuid'].value).toBe(upper);
});

it('keeps the token and last-event-id, and nothing else of the query', () => {
  const { querystring } = run({
    querystring: {
      token: { value: 'a.b.c' },
      'last-event-id': { value: 'k3x9-41' },
      'ws-uuid': { value: 'another' },
      other: { value: '1' },
    },
  });
  expect(querystring).toEqual({
    'ws-uuid': { value: uuid },
    token: { value: 'a.b.c' },
    'last-event-id': { value: 'k3x9-41' },
  });
});

it('passes on one last-event-id where the viewer gives several', () => {
  const { querystring } = run({
    querystring: { 'last-event-id': { value: 'a-1', multiValue: [{ value: 'a-1' }, { value: 'a-2' }] } },
  });
  expect(querystring['last-event-id']).toEqual({ value: 'a-1' });
});

it.each([
  '/ws/',
  '/ws/not-a-uuid',
  `/ws/${uuid}/`,
  `/ws/${uuid}/more`,
  `/ws/x${uuid}`,
  `/ws/${uuid}x`,
  `/ws//${uuid}`,
  `/ws/..%2f${uuid}`,
  `/ws/${uuid}%0a`,
])('answers %s with 404 by itself', (uri) => {
  const response = run({ uri });
  expect(response.statusCode).toBe(404);
  expect(JSON.parse(response.body)).toEqual({ error: expect.any(String), code: 'not-found' });
});

it('tells which host was called, whatever the viewer says of it', () => {
  const headers = { host: { value: 'upload.example.com' }, 'x-viewer-host': { value: 'evil.example.com' } };
  expect(run({ headers }).headers['x-viewer-host']).toEqual({ value: 'upload.example.com' });
});
