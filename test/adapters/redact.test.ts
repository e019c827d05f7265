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

  it.each([
    ['postgres://app:SECRET@db:5432/x failed', 'postgres://db:5432/x failed'],
    ['postgres://app:SE@CRET@db failed', 'postgres://db failed'],
    ['postgres://app:SE/CRET@db failed', 'postgres://[redacted] failed'],
    ['postgres://app:SE?CR#ET@db failed', 'postgres://[redacted] failed'],
    ['"amqp://a:S/ECRET@b@c/d"', '"amqp://[redacted]"'],
    ['sqlserver://db:1433;password=S@ECRET;x=y', 'sqlserver://[redacted]'],
    ['jdbc:mysql://db/x?user=a&password=SECRET', 'jdbc:mysql://db/x?[redacted]'],
    ['https://example.com/@scope/name?mail=a@SECRET', 'https://example.com/@scope/name?[redacted]'],
    ['Authorization: Bearer SECRET.SECRET-_~+/==', 'Authorization: [redacted]'],
    ['authorization: Basic SECRET=, SECRET\nHost: a', 'authorization: [redacted]\nHost: a'],
    [`{'Authorization': 'Basic SECRET', 'host': 'a'}`, `{'Authorization': [redacted]', 'host': 'a'}`],
    ['Proxy-Authorization: SECRET', 'Proxy-Authorization: [redacted]'],
    ['the token in Bearer SECRET is old', 'the token in Bearer [redacted] is old'],
    ['Cookie: a="SECRET b"; c=SECRET', 'Cookie: [redacted]'],
    ['Set-Cookie: session=SECRET; Path=/\nX: y', 'Set-Cookie: [redacted]\nX: y'],
    ['login failed password=SECRET user=a', 'login failed password=[redacted] user=a'],
    ['AWS_SECRET_ACCESS_KEY=SECRET/SECRET+ is wrong', 'AWS_SECRET_ACCESS_KEY=[redacted] is wrong'],
    ['api_key=SECRET', 'api_key=[redacted]'],
    [`client-secret = "SECRET SECRET" x`, `client-secret = [redacted]" x`],
    ['a;token=SECRET b', 'a;token=[redacted] b'],
    [String.raw`{\"password\": \"SECRET\", \"a\": 1}`, String.raw`{\"password\": [redacted]", \"a\": 1}`],
    ['{"access_token":"SECRET"}', '{"access_token":[redacted]"}'],
    ['password: SECRET', 'password: [redacted]'],
    ['X-Auth-Token: SECRET', 'X-Auth-Token: [redacted]'],
  ])('holds no secret in the words of somebody else: %s', (text, kept) => {
    expect(redact({ text }).text).toBe(kept);
    expect(redact({ error: new Error(text) }).error).toMatchObject({ message: kept });
  });

  it.each([
    'Unexpected token } in JSON at position 7',
    'Unexpected token: found }, expected a string',
    'User is not authorized to perform secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:1:secret:a',
    'The security token included in the request is expired',
    'at readToken (file:///app/socket-token.ts:10:5)',
    'http://localhost:8080/a/b: 404',
    'mail a@b.example, or see https://example.com/@scope',
  ])('keeps what only sounds like one: %s', (text) => {
    expect(redact({ text }).text).toBe(text);
  });

  it('is done with a long text in no time, whatever it is made of', () => {
    for (const piece of [
      'a',
      'secret',
      'token=',
      'password="',
      'bearer ',
      'cookie:',
      'http://',
      'a:b@',
      '?a',
      ' ',
      '\\"',
      'x-y_',
    ]) {
      const text = piece.repeat(Math.ceil(200_000 / piece.length));
      expect(String(redact({ text }).text).length).toBeLessThanOrEqual(2 * text.length);
    }
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
