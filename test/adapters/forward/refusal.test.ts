import { describe, expect, it } from 'vitest';
import type { SourceFailure } from '../../../domain/errors.ts';
import { forwarding, startUpstream } from './harness.ts';

async function refusal(body: string | object, type = 'application/json', status = 422): Promise<SourceFailure> {
  await using upstream = await startUpstream((_, response) =>
    response
      .writeHead(status, 'whatever the server <b>says</b>', { 'content-type': type, 'x-secret': 'of the header' })
      .end(typeof body === 'string' ? body : JSON.stringify(body)),
  );
  const test = await forwarding(upstream.url);
  const error = await test.failure();
  expect(error.message).toMatch(/^[A-Z].*[.!?…]$/s);
  expect([...error.message].length).toBeLessThanOrEqual(500);
  // Neither the client nor the log is told a header, and both at most as much of the body.
  const logged = JSON.stringify(test.log.entries);
  for (const text of [error.message, logged]) expect(text).not.toContain('of the header');
  expect(upstream.connections).toBe(1);
  return error;
}

const START = 'The upstream service answered 422 Unprocessable Entity';

describe('what an upstream says of a source that it does not take', () => {
  it.each<[string, string | object]>([
    ['in error', { error: 'The file is damaged.' }],
    ['in message', { message: 'The file is damaged' }],
    ['in detail', { detail: 'The file is damaged' }],
    ['as FastAPI does', { detail: [{ loc: ['body', 'file'], msg: 'The file is damaged', type: 'value_error' }] }],
    ['in an error object', { error: { code: 7, message: 'The file is damaged.' } }],
    ['in a list of errors', { errors: ['The file is damaged', 'and old'] }],
    ['in a problem', { type: 'about:blank', title: 'The file is damaged', status: 422 }],
    ['best in its error', { title: 'Other', error: 'The file is damaged', message: 'Another' }],
    ['after an empty field', { error: ' ', message: 'The file is damaged' }],
    ['as JSON text', JSON.stringify('The file is damaged')],
    ['in several lines', { error: '\tThe file\r\n\r\n is\u2028damaged\u0000 ' }],
    ['with invisible characters', { error: 'The \u202efile is \u200bdamaged' }],
  ])('%s is the sentence of the failure', async (_title, body) => {
    const error = await refusal(body);
    expect(error.code).toBe('upstream-refused');
    expect(error.message.replace(/\s+/g, ' ')).toBe(`${START}: The file is damaged.`);
  });

  it('in plain text is the sentence, too', async () => {
    expect((await refusal('Too many pages!\n', 'Text/Plain; charset=utf-8')).message).toBe(`${START}: Too many pages!`);
  });

  it.each<[string, string | object, string]>([
    ['a page', '<html><body>Traceback: secret', 'text/html'],
    ['something else', 'secret=1', 'application/x-www-form-urlencoded'],
    ['JSON without a sentence', { status: 7, secret: 'x' }, 'application/json'],
    ['a list of numbers', [1, 2, 3], 'application/json'],
    ['text that is deeply hidden', { error: { error: { error: { error: 'secret' } } } }, 'application/json'],
    ['nothing', '', 'text/plain'],
    ['blanks', ' \n ', 'text/plain'],
    ['more than is read', { error: 'secret', more: 'x'.repeat(70_000) }, 'application/json'],
  ])('is not taken out of %s', async (_title, body, type) => {
    const error = await refusal(body, type);
    expect(error.message).toBe(`${START}, and gave no reason: ask those who run it.`);
  });

  it('is cut at 500 characters in all, and between characters', async () => {
    const { message } = await refusal({ error: '🙂'.repeat(3_000) });
    expect([...message]).toHaveLength(499);
    expect(message).toMatch(/🙂…$/u);
    expect(message).not.toContain('\ufffd');
    expect(message.isWellFormed()).toBe(true);
  });

  it('is told without the secrets of the addresses in it', async () => {
    const { message } = await refusal({
      error: 'GET https://user:pass@store.example/a.pdf?X-Amz-Signature=abc failed for /sources?key=abc',
    });
    expect(message).toContain('https://store.example/a.pdf?[redacted] failed');
    expect(message).not.toMatch(/abc|pass/);
  });

  it.each([
    ['a password with an @', 'connect postgres://app:hun@ter2@db failed', 'connect postgres://db failed.'],
    ['a password with a slash', 'connect postgres://app:hun/ter2@db failed', 'connect postgres://[redacted] failed.'],
    ['a header', 'bad header Authorization: Bearer hunter2.hunter2', 'bad header Authorization: [redacted].'],
    ['a cookie', 'Cookie: a=hunter2; b=hunter2\r\nwas not accepted', 'Cookie: [redacted] was not accepted.'],
    ['an assignment', 'login failed password=hunter2', 'login failed password=[redacted].'],
    ['a variable', 'AWS_SECRET_ACCESS_KEY=hunter2 is wrong', 'AWS_SECRET_ACCESS_KEY=[redacted] is wrong.'],
    ['a token', 'token=hunter2', 'token=[redacted].'],
    // Cut before it is cleaned, half a password would have no @ behind it.
    [
      'what would be cut off',
      `https://h/?${'q'.repeat(1965)} https://user:hunter2hunter2@host/`,
      'https://h/?[redacted] https://host/.',
    ],
  ])('is told without the secrets of the upstream in it: %s', async (_title, words, told) => {
    for (const [body, type] of [
      [{ error: words }, 'application/json'],
      [words, 'text/plain'],
    ] as const) {
      expect((await refusal(body, type)).message).toBe(`${START}: ${told}`);
    }
  });

  it.each([
    [400, 'Bad Request'],
    [401, 'Unauthorized'],
    [404, 'Not Found'],
    [408, 'Request Timeout'],
    [429, 'Too Many Requests'],
  ])('with %i is said in the words of the standard, and not asked again', async (status, text) => {
    const error = await refusal('', 'text/plain', status);
    expect(error.message).toBe(
      `The upstream service answered ${status} ${text}, and gave no reason: ask those who run it.`,
    );
  });

  it('with a status that nobody knows is said by its number', async () => {
    expect((await refusal({ error: 'No.' }, 'application/json', 477)).message).toBe(
      'The upstream service answered 477: No.',
    );
  });
});
