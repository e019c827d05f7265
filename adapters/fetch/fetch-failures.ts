import { STATUS_CODES } from 'node:http';
import { SourceFailure } from '../../domain/errors.ts';

/** The sentences that go out when a URL cannot be had. They name the host, never the path or the query. */

export function statusFailure(status: number): SourceFailure {
  const text = STATUS_CODES[status];
  return new SourceFailure('fetch-status', `The server answered ${status}${text ? ` ${text}` : ''}.`);
}

export function timedOut(deadlineMs: number): SourceFailure {
  return new SourceFailure('fetch-timeout', `The URL could not be fetched within ${deadlineMs / 1000} s.`);
}

export function tooLarge(maxBytes: number): SourceFailure {
  const limit = maxBytes >= 2 ** 20 ? `${Math.floor(maxBytes / 2 ** 20)} MiB` : `${maxBytes} bytes`;
  return new SourceFailure('fetch-too-large', `The URL leads to more than ${limit}, the most that is fetched.`);
}

export function tooManyRedirects(maxRedirects: number): SourceFailure {
  return new SourceFailure(
    'fetch-too-many-redirects',
    `The URL redirects more than ${maxRedirects} times: send the address that it ends at.`,
  );
}

/** A SourceFailure stays what it is; anything else that a connection fails with becomes `fetch-failed`. */
export function failedFetch(cause: unknown, host: string): SourceFailure {
  if (cause instanceof SourceFailure) return cause;
  return new SourceFailure('fetch-failed', sentenceOf(codeOf(cause), host), { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function sentenceOf(code: string, host: string): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `There is no host ${host}.`;
  if (code === 'ECONNREFUSED') return `The server at ${host} does not accept connections.`;
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_TLS|^ERR_SSL|^EPROTO/.test(code)) {
    return `There is no secure connection to ${host}: its certificate or its TLS is not acceptable.`;
  }
  if (/^Z_|^ERR__ERROR|^ERR_BROTLI/.test(code)) return `The content that ${host} sent is compressed, and damaged.`;
  return `The connection to ${host} could not be opened, or broke off before the end.`;
}
