import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_ANSWER_BYTES } from '../../../adapters/forward/limits.ts';
import { MAX_TERMINAL_BYTES } from '../../../adapters/terminal-size.ts';
import { forwarding, startUpstream, WAIT } from './harness.ts';

describe('an answer of success that is no result', () => {
  it.each<[string, string, string | Buffer]>([
    ['is empty', 'nothing, where JSON belongs', ''],
    ['is a page', 'something that is not JSON', '<!doctype html><title>Log in</title>'],
    ['is cut off JSON', 'something that is not JSON', '{"id":'],
    ['is not UTF-8', 'something that is not JSON', Buffer.from('{"title":"Gr\xf6\xdfe"}', 'latin1')],
    ['is nested endlessly', 'JSON of more than 60 levels', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['is nested too deep', 'JSON of more than 60 levels', `${'['.repeat(61)}${']'.repeat(61)}`],
  ])('since it %s ends the source', async (_title, how, body) => {
    await using upstream = await startUpstream((_, response) => response.writeHead(200).end(body));
    const error = await (await forwarding(upstream.url)).failure();
    expect(error.code).toBe('upstream-answer-invalid');
    expect(error.message).toBe(`The upstream service took the source, but answered with ${how}: ask those who run it.`);
    expect(upstream.connections).toBe(1);
  });

  it('since it is compressed ends the source', async () => {
    await using upstream = await startUpstream((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}')),
    );
    expect(await (await forwarding(upstream.url)).failure()).toMatchObject({ code: 'upstream-answer-invalid' });
  });

  it.each([301, 302, 303, 307, 308, 304])(
    'since it is a redirect (%i) ends the source, and is not followed',
    async (status) => {
      let asked = 0;
      await using upstream = await startUpstream((_, response) => {
        asked += 1;
        response.writeHead(status, { location: '/elsewhere?key=secret' }).end();
      });
      const error = await (await forwarding(upstream.url)).failure();
      expect(error.code).toBe('upstream-answer-invalid');
      expect(error.message).toContain(`answered ${status}`);
      expect(error.message).not.toContain('secret');
      expect(asked).toBe(1);
    },
  );

  it('is taken up to 60 levels, and up to the size of a message', async () => {
    const deep = `${'['.repeat(60)}${']'.repeat(60)}`;
    const room = MAX_TERMINAL_BYTES - JSON.stringify({ status: 'success', result: '' }).length;
    for (const body of [deep, JSON.stringify('x'.repeat(room))]) {
      await using upstream = await startUpstream((_, response) => response.writeHead(200).end(body));
      expect(await (await forwarding(upstream.url)).run()).toEqual(JSON.parse(body));
    }
  });

  it.each([
    ['longer than a message', JSON.stringify('x'.repeat(MAX_TERMINAL_BYTES))],
    ['longer than a message once its numbers are written out', `[${'1e20,'.repeat(25_000)}0]`],
    ['longer than is read', `${' '.repeat(MAX_ANSWER_BYTES)}{}`],
  ])('since it is %s ends the source', async (_title, body) => {
    await using upstream = await startUpstream((_, response) => response.writeHead(200).end(body));
    const error = await (await forwarding(upstream.url)).failure();
    expect(error.code).toBe('upstream-answer-too-large');
    expect(error.message).toContain('the 127 KiB that fit into a message');
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });

  it('is too large as soon as it is, however endless', async () => {
    await using upstream = await startUpstream((request, response) => {
      request.resume();
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, ' '))) {}
      };
      response.on('drain', more);
      more();
    });
    expect((await (await forwarding(upstream.url)).failure()).code).toBe('upstream-answer-too-large');
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });

  it('may be indented', async () => {
    const result = { pages: Array.from({ length: 6_000 }, (_, index) => ({ index })) };
    const body = JSON.stringify(result, undefined, 8);
    expect(body.length).toBeGreaterThan(MAX_TERMINAL_BYTES);
    await using upstream = await startUpstream((_, response) => response.writeHead(200).end(body));
    expect(await (await forwarding(upstream.url)).run()).toEqual(result);
  });
});
