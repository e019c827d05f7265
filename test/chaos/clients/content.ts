import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../random.ts';

/** What one upload carries. */
export interface Content {
  readonly fields: Readonly<Record<string, string | File>>;
  /** It breaks a rule of the form, and has to be refused. */
  readonly invalid?: true;
}

/** Mostly tiny texts: it is the ways of an upload that are looked at, not the parsers. */
export function drawContent(random: Random, name: string, webUrl: string): Content {
  const kind = random.next();
  if (kind < 0.66) return { fields: { file: new File([`Some words of ${name}.\n`], `${name}.txt`) } };
  if (kind < 0.74) return { fields: { file: new File([`# ${name}\n\nA *mark*.\n`], `${name}.md`) } };
  if (kind < 0.88) return { fields: { content: `${webUrl}/${random.pick(PAGES)}/${name}.txt`, filename: name } };
  if (kind < 0.91) return { fields: { content: `${webUrl}/missing/${name}` } };
  if (kind < 0.94) return { fields: { file: new File([`%PDF-1.7\n${name} is no PDF`], `${name}.pdf`) } };
  if (kind < 0.97) return { fields: { file: new File([' \n'], `${name}.txt`) } };
  return { invalid: true, fields: random.pick(INVALID)(name) };
}

const PAGES = ['at-once', 'slowly', 'without-length'] as const;

const INVALID: readonly ((name: string) => Content['fields'])[] = [
  (name) => ({ file: new File([], `${name}.txt`) }),
  (name) => ({ filename: name }),
  () => ({ content: 'not a URL' }),
  (name) => ({ file: new File(['Both.'], `${name}.txt`), content: 'http://localhost/' }),
];

/** The web that URLs point into. The service has to allow the host `localhost`. */
export async function startWeb(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer({ url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, page, name = ''] = url.split('/');
  const text = `Some words of ${name}, from the web. `.repeat(20);
  response.on('error', () => undefined);
  if (page === 'missing') return void response.writeHead(404).end('There is no such page.');
  response.setHeader('content-type', 'text/plain; charset=utf-8');
  if (page !== 'without-length') response.setHeader('content-length', Buffer.byteLength(text));
  if (page === 'at-once') return void response.end(text);
  const half = text.length / 2;
  response.write(text.slice(0, half));
  await pause(page === 'slowly' ? 600 : 50);
  response.end(text.slice(half));
}
