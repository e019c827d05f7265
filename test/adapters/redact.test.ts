import { describe, expect, it } from 'vitest';
import { redact } from '../../adapters/redact.ts';

const SECRET = 'cap-very-secret';

describe('what is logged', () => {
  it.each([
    'x-api-key',
    'X-API-Key',
    'apiKey',
    'api_key',
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'token',
    'x-amz-security-token',
    'X-Amz-Signature',
    'secretAccessKey',
    'accessKeyId',
    'password',
    'credentials',
    'queryStringParameters',
    'rawQueryString',
    'query',
    'filename',
    'fileName',
    'preview',
  ])('holds no value of a field named %s, at any depth', (name) => {
    const logged = JSON.stringify(redact({ [name]: SECRET, event: { headers: [{ [name]: { of: SECRET } }] } }));
    expect(logged).not.toContain(SECRET);
    expect(logged).toContain(name);
  });

  it('keeps what may be seen', () => {
    const data = { sourceUuid: 'a', status: 200, ok: true, none: null, keys: 3, list: [1, 'two'], shard: 0 };
    expect(redact(data)).toEqual(data);
  });

  it('holds no query and no credentials of a URL, wherever it stands', () => {
    const url = `https://user:${SECRET}@bucket.example.com/a/b.pdf?X-Amz-Signature=${SECRET}&b=c#top`;
    const error = new Error(`GET ${url} failed`, { cause: new Error(`at "${url}"`) });
    const logged = JSON.stringify(redact({ url, text: `see ${url} and ${url}.`, error }));
    expect(logged).not.toContain(SECRET);
    expect(redact({ url }).url).toBe('https://bucket.example.com/a/b.pdf?[redacted]');
    expect(redact({ path: `/ws/a?token=${SECRET}&b=c` }).path).toBe('/ws/a?[redacted]');
    expect(redact({ url: `https://example.com/#token=${SECRET}` }).url).toBe('https://example.com/?[redacted]');
  });

  it('holds no API key, wherever it stands, and keeps what only begins like one', () => {
    const key = `cap-${'aB3_-x'.repeat(6)}`;
    const error = new Error(`header X-API-Key: ${key} is invalid`);
    const logged = JSON.stringify(redact({ text: `curl -H 'X-API-Key: ${key}'`, list: [key], error }));
    expect(logged).not.toContain(key.slice(0, 12));
    expect(redact({ text: 'cap-size, recap-and-a-rather-long-word' }).text).toBe(
      'cap-size, recap-and-a-rather-long-word',
    );
  });

  it('holds of an error its name, code, message, stack and cause, and not the request that the SDK hangs on it', () => {
    const error = Object.assign(new Error('refused', { cause: new TypeError('because') }), {
      code: 'ECONNREFUSED',
      $metadata: { httpStatusCode: 500, requestId: 'r-1' },
      $response: { headers: { authorization: SECRET } },
      request: { body: SECRET },
    });
    const { error: logged } = redact({ error }) as { error: Record<string, unknown> };
    expect(logged).toMatchObject({
      name: 'Error',
      code: 'ECONNREFUSED',
      message: 'refused',
      status: 500,
      requestId: 'r-1',
      cause: { name: 'TypeError', message: 'because' },
    });
    expect(JSON.stringify(logged)).not.toContain(SECRET);
  });

  it('ends where the data go round in a circle, and shows bytes by their number only', () => {
    const circle: Record<string, unknown> = { bytes: Buffer.from(SECRET) };
    circle.self = circle;
    const logged = JSON.stringify(redact(circle));
    expect(logged).toContain('[too deep]');
    expect(logged).toContain(`[${SECRET.length} bytes]`);
    expect(logged).not.toContain(SECRET);
  });
});
