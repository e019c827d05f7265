import { describe, expect, it } from 'vitest';
import { displayNameOf } from '../../../adapters/fetch/display-name.ts';
import { read, serve, serveRaw } from './web-server.ts';

const AT = new URL('https://example.com/a/last%20name.pdf?token=secret#part');
const latin1 = (text: string) => Buffer.from(text).toString('latin1');

describe('the name that a server gives', () => {
  it.each([
    ['attachment; filename="report.pdf"', 'report.pdf'],
    ['attachment; filename=report.pdf', 'report.pdf'],
    ['inline;FILENAME = "report.pdf" ; size=3', 'report.pdf'],
    ['attachment; filename="a \\"b\\" c.pdf"', 'a "b" c.pdf'],
    ["attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf", 'Grüße.pdf'],
    ["attachment; filename*=utf-8'de'%e6%97%a5.pdf", '日.pdf'],
    ["attachment; filename*=iso-8859-1''%FC.pdf", 'ü.pdf'],
    ["attachment; filename=plain.pdf; filename*=utf-8''better.pdf", 'better.pdf'],
    ["attachment; filename*=utf-8''better.pdf; filename=plain.pdf", 'better.pdf'],
    ["attachment; filename=plain.pdf; filename*=koi8-r''%C1", 'plain.pdf'],
    [`attachment; filename="${latin1('Grüße.pdf')}"`, 'Grüße.pdf'],
    ['attachment; filename="Gr\xfc\xdfe.pdf"', 'Grüße.pdf'],
    ['attachment; filename="日本.pdf"', '日本.pdf'],
  ])('is taken from %s', (header, name) => {
    expect(displayNameOf(header, AT)).toBe(name);
  });

  it.each([
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    ['attachment; filename="C:\\\\Windows\\\\a.exe"', 'a.exe'],
    ["attachment; filename*=utf-8''..%2F..%2Fa.txt", 'a.txt'],
    ["attachment; filename*=utf-8''a%00b%0D%0Ac.txt", 'a b c.txt'],
    ["attachment; filename*=utf-8''%E2%80%AEfdp.exe", 'fdp.exe'],
    ['attachment; filename="  a   b  "', 'a b'],
    [`attachment; filename="${'x'.repeat(1000)}"`, 'x'.repeat(150)],
    [`attachment; filename="${'🙂'.repeat(1000)}"`, '🙂'.repeat(150)],
  ])('is nothing but a name in %j', (header, name) => {
    expect(displayNameOf(header, AT)).toBe(name);
  });

  it.each([
    undefined,
    '',
    'attachment',
    'attachment; filename=""',
    'attachment; filename=".."',
    'attachment; filename="a/"',
    'attachment; filename="unclosed.pdf',
    "attachment; filename*=utf-8''",
    ['attachment; filename=a', 'attachment; filename=b'],
  ])('is the last one in the path of the URL where the header is %j', (header) => {
    expect(displayNameOf(header, AT)).toBe('last name.pdf');
  });

  it.each([
    ['https://example.com/', undefined],
    ['https://example.com/?name=secret.pdf', undefined],
    ['https://example.com/folder/', 'folder'],
    ['https://example.com/100%.pdf', '100%.pdf'],
    ['https://example.com/%2e%2e%2fa%2fb.txt', 'b.txt'],
  ])('of %s is %s', (url, name) => {
    expect(displayNameOf(undefined, new URL(url))).toBe(name);
  });

  it.each([
    ['https://example.com/paper.pdf', 'https://cdn.example.com/1a2b3c', 'paper.pdf'],
    ['https://short.example/xyz', 'https://example.com/paper.pdf', 'paper.pdf'],
    ['https://example.com/a.pdf', 'https://example.com/b.pdf', 'b.pdf'],
    ['https://short.example/xyz', 'https://example.com/article', 'article'],
    ['https://short.example/xyz', 'https://example.com/', undefined],
  ])('of %s, which leads to %s, is %s', (start, end, name) => {
    expect(displayNameOf(undefined, new URL(end), new URL(start))).toBe(name);
  });

  it('comes with the download, from the header or from where the redirects end', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/start') return response.writeHead(302, { location: '/end.txt' }).end();
      response.end('x');
    });
    expect((await read(`${server.url}/start`)).name).toBe('end.txt');
    for (const name of ['Grüße 日本.pdf', 'plain.pdf']) {
      const head = `HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-disposition: attachment; filename="${name}"\r\n\r\nx`;
      await using raw = await serveRaw(head);
      expect((await read(raw.url)).name).toBe(name);
    }
  });

  it('comes with what the server says that it is, where it says so', async () => {
    await using server = await serve((request, response) => {
      if (request.url === '/typed') response.setHeader('content-type', 'Text/HTML; charset=utf-8');
      response.end('x');
    });
    expect((await read(`${server.url}/typed`)).mediaType).toBe('text/html');
    expect((await read(server.url)).mediaType).toBeUndefined();
  });

  it('takes no time to be found in a header that is made to take long', () => {
    const hostile = `attachment${'; filename'.repeat(100_000)}${' '.repeat(100_000)};filename="${'\\'.repeat(100_001)}`;
    expect(displayNameOf(hostile, AT)).toBe('last name.pdf');
  });
});
