export type RedisStartErrorCode =
  | 'unreachable'
  | 'not-a-cluster'
  | 'too-old'
  | 'not-found'
  | 'in-use'
  | 'port-busy'
  | 'did-not-start';

/** There is no Redis to use. `message` is a sentence for the person who typed the command. */
export class RedisStartError extends Error {
  override readonly name = 'RedisStartError';
  readonly code: RedisStartErrorCode;

  constructor(code: RedisStartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
