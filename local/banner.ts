import { randomUUID } from 'node:crypto';
import { DEVELOPMENT_KEY, DEVELOPMENT_USER } from './development-key.ts';

export interface BannerFacts {
  readonly url: string;
  readonly redis: string;
  /** Where sources are forwarded to. */
  readonly upstream?: string;
  /** Addresses of sockets carry tokens, so that none can be told before the channel is registered. */
  readonly tokens?: boolean;
  readonly seconds: number;
}

/** What a person needs to try it: the original manual's three commands, with ids that work as they are pasted. */
export function banner({ url, redis, upstream, tokens = false, seconds }: BannerFacts): string {
  const wsUuid = randomUUID();
  const address = tokens ? "'<the ws-address of the answer>'" : `${url.replace(/^http/, 'ws')}/ws/${wsUuid}`;
  return `
Ready in ${seconds.toFixed(1)} s

  URL      ${url}
  user     ${DEVELOPMENT_USER}
  API key  ${DEVELOPMENT_KEY}
  Redis    ${redis}${upstream === undefined ? '' : `\n  upstream ${upstream}`}
  page     ${url}/#user=${DEVELOPMENT_USER}&key=${DEVELOPMENT_KEY}

Register a channel:

curl -X POST '${url}/public/sources/ws' \\
  -H 'X-User-ID: ${DEVELOPMENT_USER}' \\
  -H 'X-API-Key: ${DEVELOPMENT_KEY}' \\
  -H 'Content-Type: application/json' \\
  -d '{"ws-uuid": "${wsUuid}"}'

Listen to it, in a second terminal (or with: npx wscat -c <the same address>):

websocat ${address}

Send a source:

curl -X POST '${url}/public/sources/upload-source' \\
  -H 'X-User-ID: ${DEVELOPMENT_USER}' \\
  -H 'X-API-Key: ${DEVELOPMENT_KEY}' \\
  -F 'ws-uuid=${wsUuid}' \\
  -F 'source-uuid=${randomUUID()}' \\
  -F 'filename=test.pdf' \\
  -F 'content=https://example.com/sample-doc.pdf'

Ctrl-C stops everything.
`;
}
