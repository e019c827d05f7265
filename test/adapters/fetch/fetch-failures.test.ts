import { describe, expect, it } from 'vitest';
import { failedFetch, TransientFailure } from '../../../adapters/fetch/fetch-failures.ts';
import { SourceFailure } from '../../../domain/errors.ts';

const failed = (code: string) =>
  failedFetch(Object.assign(new Error('internal 10.0.0.1'), { code }), 'example.com', 'answer');

describe('what a connection fails with', () => {
  it.each([
    ['ENOTFOUND', 'fetch-host-unknown', false],
    ['EAI_AGAIN', 'fetch-host-unknown', true],
    ['ECONNREFUSED', 'fetch-unreachable', false],
    ['UND_ERR_CONNECT_TIMEOUT', 'fetch-unreachable', true],
    ['ETIMEDOUT', 'fetch-unreachable', true],
    ['EHOSTUNREACH', 'fetch-unreachable', true],
    ['ECONNRESET', 'fetch-failed', true],
    ['UND_ERR_SOCKET', 'fetch-failed', true],
    ['EPIPE', 'fetch-failed', true],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'fetch-insecure', false],
    ['CERT_HAS_EXPIRED', 'fetch-insecure', false],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'fetch-insecure', false],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'fetch-insecure', false],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'fetch-insecure', false],
    ['Z_DATA_ERROR', 'fetch-encoding-damaged', false],
    ['ERR__ERROR_FORMAT_PADDING_1', 'fetch-encoding-damaged', false],
  ])('%s is %s, and may pass: %s', (code, failure, transient) => {
    const error = failed(code);
    expect(error.code).toBe(failure);
    expect(error instanceof TransientFailure).toBe(transient);
    expect(error.message).toContain('example.com');
    expect(error.message).toMatch(/(check the URL|try again later|[Ss]end the file itself).*\.$/);
    expect(error.message).not.toContain('10.0.0.1');
  });

  it('is what it was where somebody has said it already', () => {
    const failure = new SourceFailure('address-refused', 'No.');
    expect(failedFetch(failure, 'example.com', 'body')).toBe(failure);
  });

  it('is a body that broke off, where it is not known, and one had begun', () => {
    expect(failedFetch('no error at all', 'example.com', 'body').code).toBe('fetch-incomplete');
    expect(failedFetch(new Error('x'), 'example.com', 'body').code).toBe('fetch-incomplete');
  });
});
