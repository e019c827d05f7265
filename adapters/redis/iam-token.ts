import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from './client.ts';

/** ElastiCache takes no token that lives longer. A connection outlives its token: it is looked at when logging in. */
const TOKEN_TTL_S = 15 * 60;

export interface IamTokenOptions {
  /** Of ElastiCache: its id and its name are the same. */
  readonly user: string;
  /** Name of the serverless cache, in lower case. */
  readonly cache: string;
  /** Of the function's role. */
  readonly credentials: () => Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }>;
  readonly region: () => Promise<string>;
  readonly now?: () => number;
}

/**
 * Logs in with the rights of the function instead of a password: the token is the address of a signed request `connect` which
 * is never sent, and which the cache checks as AWS checks any signature.
 */
export function createIamCredentials({ user, cache, now = Date.now, ...signing }: IamTokenOptions): Credentials {
  const signer = new SignatureV4({ service: 'elasticache', sha256: Sha256, ...signing });
  return async () => {
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname: cache,
      path: '/',
      query: { Action: 'connect', User: user, ResourceType: 'ServerlessCache' },
      headers: { host: cache },
    };
    const signed = await signer.presign(request, { expiresIn: TOKEN_TTL_S, signingDate: new Date(now()) });
    const query = Object.entries(signed.query ?? {}).map(([name, value]) => `${name}=${encode(String(value))}`);
    return { username: user, password: `${cache}/?${query.join('&')}` };
  };
}

/** As the signature was made over it: RFC 3986 leaves fewer characters alone than JavaScript's own. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The signer brings no hash of its own. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): never {
    throw new Error('A hash of one use.');
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
