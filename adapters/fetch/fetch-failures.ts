import { STATUS_CODES } from 'node:http';
import { type FailureCode, SourceFailure } from '../../domain/errors.ts';

/**
 * The sentences that go out when a URL cannot be had: what happened, and what the person can do. They name the host, never
 * the path or the query, which may be a secret.
 */

/** The same request may well go through a moment later. */
export class TransientFailure extends SourceFailure {
  /** What the server asked for with Retry-After. */
  readonly retryAfterMs: number | undefined;

  constructor(code: FailureCode, message: string, options?: ErrorOptions & { readonly retryAfterMs?: number }) {
    super(code, message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** Said for a moment's trouble: an overload, a restart, a limit on how often one may ask. */
const TRANSIENT_STATUS = [408, 425, 429];
/** Of the 5xx, those that say "never": not implemented, and no such version of HTTP. */
const LASTING_STATUS = [501, 505];

export function statusFailure(status: number, retryAfterMs?: number): SourceFailure {
  const text = STATUS_CODES[status];
  const answered = `The server answered ${status}${text ? ` ${text}` : ''}`;
  if ((status >= 500 && !LASTING_STATUS.includes(status)) || TRANSIENT_STATUS.includes(status)) {
    const options = retryAfterMs === undefined ? {} : { retryAfterMs };
    return new TransientFailure('fetch-status', `${answered}: try again later.`, options);
  }
  return new SourceFailure('fetch-status', `${answered}: ${adviceFor(status)}`);
}

function adviceFor(status: number): string {
  if (status === 401 || status === 403 || status === 407) {
    return 'send a URL that can be read without a login, or the file itself.';
  }
  return 'check the URL, or send the file itself.';
}

export function timedOut(deadlineMs: number): SourceFailure {
  return new SourceFailure(
    'fetch-timeout',
    `The URL could not be fetched within ${deadlineMs / 1000} s: try again later, or send the file itself.`,
  );
}

/** In the middle of a body it is a connection that died. Before the answer it is a server that thinks: it would think again. */
export function stalled(idleMs: number, host: string, phase: Phase): SourceFailure {
  const [Failure, what] =
    phase === 'body' ? [TransientFailure, 'sent nothing for'] : [SourceFailure, 'did not answer within'];
  return new Failure(
    'fetch-stalled',
    `The server at ${host} ${what} ${idleMs / 1000} s: try again later, or send the file itself.`,
  );
}

export function tooLarge(maxBytes: number): SourceFailure {
  return new SourceFailure(
    'fetch-too-large',
    `The URL leads to more than ${sizeOf(maxBytes)}, the most that is fetched: send a part of it.`,
  );
}

export function inflatesTooLarge(maxBytes: number): SourceFailure {
  return new SourceFailure(
    'fetch-inflates-too-large',
    `The URL leads to content that inflates to more than ${sizeOf(maxBytes)}, the most that is fetched: send a part of it.`,
  );
}

function sizeOf(bytes: number): string {
  return bytes >= 2 ** 20 ? `${Math.floor(bytes / 2 ** 20)} MiB` : `${bytes} bytes`;
}

export function tooManyRedirects(maxRedirects: number): SourceFailure {
  return new SourceFailure(
    'fetch-too-many-redirects',
    `The URL redirects more than ${maxRedirects} times: send the address that it ends at.`,
  );
}

export function redirectLoop(): SourceFailure {
  return new SourceFailure(
    'fetch-redirect-loop',
    'The URL redirects in a circle, as pages do that want cookies or a login: send the address of the document itself.',
  );
}

export function unsupportedEncoding(): SourceFailure {
  return new SourceFailure(
    'fetch-encoding-unsupported',
    'The server sent the content encoded in a way that it was not asked for and that is not read here: send the file itself.',
  );
}

export function lengthMismatch(host: string): SourceFailure {
  return new SourceFailure(
    'fetch-length-mismatch',
    `The server at ${host} sent more than the length that it named, so that the end is not known: send the file itself.`,
  );
}

export function incomplete(host: string, cause?: unknown): TransientFailure {
  return new TransientFailure(
    'fetch-incomplete',
    `The server at ${host} broke off before the end of the content: try again later, or send the file itself.`,
    { cause },
  );
}

export function onlyAPart(host: string): SourceFailure {
  return new SourceFailure(
    'fetch-incomplete',
    `The server at ${host} sends only a part of the content: send the file itself.`,
  );
}

/** Until the headers of the answer are there, or after them. */
export type Phase = 'answer' | 'body';

/** A SourceFailure stays what it is; anything else gets its code here. */
export function failedFetch(cause: unknown, host: string, phase: Phase): SourceFailure {
  if (cause instanceof SourceFailure) return cause;
  const code = codeOf(cause, phase);
  const known = KNOWN.find(({ pattern }) => pattern.test(code));
  if (known) {
    const { failure, sentence, transient } = known;
    const Failure = transient ? TransientFailure : SourceFailure;
    return new Failure(failure, sentence(host), { cause });
  }
  if (phase === 'body') return incomplete(host, cause);
  const sentence = `The connection to ${host} broke off before there was an answer: try again later.`;
  return new TransientFailure('fetch-failed', sentence, { cause });
}

/** The client's own code, but for breaches of HTTP: it has no reliable code for them. */
function codeOf(error: unknown, phase: Phase): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'HTTPParserError') return error.message.includes('Invalid EOF state') ? 'BROKE_OFF' : 'BREACH';
  // 100 and 101 as answers.
  if (/^bad (?:response|upgrade)$/.test(error.message)) return 'BREACH';
  const code = 'code' in error ? String(error.code) : '';
  // A length that is not kept, while there is no body yet, is one that cannot be read.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return phase === 'body' ? 'BROKE_OFF' : 'BREACH';
  return code;
}

interface KnownFailure {
  readonly pattern: RegExp;
  readonly failure: FailureCode;
  readonly transient?: true;
  sentence(host: string): string;
}

const UNREACHABLE = (host: string) => `The server at ${host} cannot be reached: check the URL, or try again later.`;

/** In this order. What is not here is a connection that broke. */
const KNOWN: readonly KnownFailure[] = [
  {
    pattern: /^ENOTFOUND$|^ENODATA$/,
    failure: 'fetch-host-unknown',
    sentence: (host) => `There is no host ${host}: check the URL.`,
  },
  {
    pattern: /^EAI_AGAIN$|^ETIMEOUT$/,
    failure: 'fetch-host-unknown',
    transient: true,
    sentence: (host) => `The name ${host} could not be looked up: check the URL, or try again later.`,
  },
  { pattern: /^ECONNREFUSED$/, failure: 'fetch-unreachable', sentence: UNREACHABLE },
  {
    pattern: /^(?:UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/,
    failure: 'fetch-unreachable',
    transient: true,
    sentence: UNREACHABLE,
  },
  {
    pattern: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_TLS|^ERR_SSL|^EPROTO/,
    failure: 'fetch-insecure',
    sentence: (host) =>
      `There is no secure connection to ${host}: its certificate or its TLS is not acceptable. Send the file itself.`,
  },
  {
    pattern: /^UND_ERR_HEADERS_OVERFLOW$/,
    failure: 'fetch-headers-too-large',
    sentence: (host) => `The server at ${host} sent headers without end: send the file itself.`,
  },
  // The connection ended where more had to come: it broke, in HTTP's own words.
  {
    pattern: /^BROKE_OFF$/,
    failure: 'fetch-incomplete',
    transient: true,
    sentence: (host) => incomplete(host).message,
  },
  {
    pattern: /^BREACH$/,
    failure: 'fetch-malformed',
    sentence: (host) => `What the server at ${host} sent is not proper HTTP: check the URL, or send the file itself.`,
  },
  {
    pattern: /^Z_|^ERR__ERROR|^ERR_BROTLI/,
    failure: 'fetch-encoding-damaged',
    sentence: (host) => `The content that ${host} sent is compressed, and damaged: send the file itself.`,
  },
];
