/** Why a request was refused: the `code` of an error body. */
export type RequestErrorCode =
  | 'missing-credentials'
  | 'invalid-credentials'
  | 'token-missing'
  | 'token-invalid'
  | 'token-expired'
  | 'origin-not-allowed'
  | 'invalid-json'
  | 'invalid-request'
  | 'ws-uuid-missing'
  | 'ws-uuid-invalid'
  | 'ws-uuid-not-yours'
  | 'source-uuid-missing'
  | 'source-uuid-invalid'
  | 'source-uuid-not-yours'
  | 'source-uuid-in-use'
  | 'batch-size-invalid'
  | 'unsupported-content-type'
  | 'malformed-multipart'
  | 'too-many-parts'
  | 'unknown-field'
  | 'duplicate-field'
  | 'field-too-long'
  | 'file-or-content-missing'
  | 'file-and-content'
  | 'empty-file'
  | 'content-not-a-url'
  | 'payload-too-large'
  | 'too-many-channels'
  | 'too-many-sockets'
  | 'too-many-uploads'
  | 'unknown-channel'
  | 'unknown-source'
  | 'not-found'
  | 'unavailable'
  | 'internal';

/** Why a source ended in `failure`: the `code` of its last message. */
export type FailureCode =
  | 'address-refused'
  | 'fetch-failed'
  | 'fetch-host-unknown'
  | 'fetch-unreachable'
  | 'fetch-insecure'
  | 'fetch-status'
  | 'fetch-timeout'
  | 'fetch-stalled'
  | 'fetch-incomplete'
  | 'fetch-length-mismatch'
  | 'fetch-malformed'
  | 'fetch-headers-too-large'
  | 'fetch-encoding-unsupported'
  | 'fetch-encoding-damaged'
  | 'fetch-too-large'
  | 'fetch-inflates-too-large'
  | 'fetch-too-many-redirects'
  | 'fetch-redirect-loop'
  | 'unsupported-media-type'
  | 'document-empty'
  | 'document-encrypted'
  | 'document-broken'
  | 'document-scanned'
  | 'document-too-large'
  | 'document-too-many-parts'
  | 'document-inflates-too-large'
  | 'document-too-deep'
  | 'document-timeout'
  | 'document-memory'
  | 'upstream-refused'
  | 'upstream-failed'
  | 'upstream-unreachable'
  | 'upstream-broke-off'
  | 'upstream-timeout'
  | 'upstream-answer-invalid'
  | 'upstream-answer-too-large'
  | 'cancelled'
  | 'processing-failed';

/** A refusal that the caller of the HTTP or WebSocket API is told. HTTP status and close code are mapped at the edge only. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: RequestErrorCode;

  /** @param message one sentence for a person; it goes out as it is, so it MUST NOT hold anything internal. */
  constructor(code: RequestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The source cannot be processed, and trying again would not help: it ends in `failure` with this code and sentence. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure';
  readonly code: FailureCode;

  /** @param message one sentence for a person; it goes out as it is, so it MUST NOT hold anything internal. */
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
