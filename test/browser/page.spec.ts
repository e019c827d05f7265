import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVELOPMENT_KEY } from '../../local/development-key.ts';
import { kindsOf } from '../e2e/client.ts';
import { type Service, startService } from '../e2e/service.ts';
import { launchChromium } from './chromium.ts';
import { startLine } from './line.ts';
import { visit } from './visitor.ts';

describe('the page', () => {
  let service: Service;
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
    service = await startService('embedded');
  });
  afterAll(async () => {
    await browser?.close();
    await service?.[Symbol.asyncDispose]();
  });

  const SLOW_BYTES = 1_000_000;

  /** A URL that answers a little at a time, and with all the rest when it is released. */
  function slowly(path: string, { saysLength = true } = {}): { url: string; release(): void } {
    const released = Promise.withResolvers<void>();
    service.web.answerWith((_, response) => {
      response.setHeader('content-type', 'text/plain');
      if (saysLength) response.setHeader('content-length', SLOW_BYTES);
      let left = SLOW_BYTES;
      const drip = setInterval(() => {
        const bytes = Math.min(5000, left - 5000); // never the last ones
        response.write('word '.repeat(bytes / 5));
        left -= bytes;
      }, 20);
      response.once('close', () => clearInterval(drip));
      void released.promise.then(() => {
        clearInterval(drip);
        response.end('word '.repeat(left / 5));
      });
    });
    return { url: `http://localhost:${service.web.port}${path}`, release: released.resolve };
  }

  it('takes a file to its result, with facts, preview and a link to the text', async () => {
    await using visitor = await visit(browser, service.client.url);
    await visitor.choose({ name: 'notes.txt', content: 'Two words.\n' });
    const upload = visitor.upload('notes.txt');
    await upload.says('Done');
    expect(await upload.facts()).toMatchObject({ Type: 'text/plain', Size: '11 bytes', Words: '2' });
    expect(await upload.card.getByRole('blockquote').textContent()).toBe('Two words.');
    expect(kindsOf(await upload.messages())).toEqual(['step', 'received', 'extract', 'success']);

    const opened = visitor.page.waitForEvent('popup');
    await upload.card.getByRole('link', { name: 'The whole text' }).click();
    const text = await opened;
    await text.waitForLoadState();
    expect(await text.textContent('body')).toContain('Two words.');
    expect(visitor.complaints).toEqual([]);
  });

  it('shows how much of a URL has come, and reads it when all has', async () => {
    await using visitor = await visit(browser, service.client.url);
    const answer = slowly('/report.txt');
    await visitor.paste(answer.url);
    const upload = visitor.upload('/report.txt');
    await upload.says('Fetching');
    await upload.isAt(/^[1-9]\d? %$/);
    expect(Number(await upload.card.getByRole('progressbar').getAttribute('value'))).toBeGreaterThan(0);
    await visitor.picture('fetching');
    answer.release();
    await upload.says('Done');
    expect(await upload.facts()).toMatchObject({ Size: '1 MB', Words: '200,000' });
    expect(await upload.card.getByRole('progressbar').isVisible()).toBe(false);
    expect(visitor.complaints).toEqual([]);
  });

  it('cancels what is under way, and offers that no longer when it is over', async () => {
    await using visitor = await visit(browser, service.client.url);
    await visitor.paste(slowly('/endless.txt').url);
    const upload = visitor.upload('/endless.txt');
    await upload.says('Fetching');
    await visitor.picture('cancel');
    const cancel = upload.card.getByRole('button', { name: 'Cancel' });
    await cancel.click();
    await upload.says('Cancelled');
    await upload.card.getByText('The source was cancelled').first().waitFor();
    expect(await cancel.isVisible()).toBe(false);
    expect(await upload.card.getByRole('progressbar').isVisible()).toBe(false);
    expect((await upload.messages()).at(-1)).toMatchObject({ status: 'failure', code: 'cancelled' });
    await visitor.choose({ name: 'next.txt', content: 'Next.' });
    await visitor.upload('next.txt').says('Done');
    expect(visitor.complaints).toEqual([]);
  });

  it('counts the bytes of a URL that does not say how many there will be', async () => {
    await using visitor = await visit(browser, service.client.url);
    const answer = slowly('/stream', { saysLength: false });
    await visitor.paste(answer.url);
    const upload = visitor.upload('/stream');
    await upload.isAt(/^[1-9]\d* kB$/);
    expect(await upload.card.getByRole('progressbar').getAttribute('value')).toBeNull();
    answer.release();
    await upload.says('Done');
    expect(visitor.complaints).toEqual([]);
  });

  it('says why an address is not fetched', async () => {
    await using visitor = await visit(browser, service.client.url);
    await visitor.paste('http://127.0.0.1/secret');
    const upload = visitor.upload('127.0.0.1');
    await upload.says('Failed');
    const failure = (await upload.messages()).at(-1)!;
    expect(failure).toMatchObject({ code: 'address-refused' });
    await upload.card.getByText(String(failure.error), { exact: true }).waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  it('says that a file is too large, and what to do', async () => {
    await using visitor = await visit(browser, service.client.url);
    await visitor.choose({ name: 'large.txt', content: 'x'.repeat(4_500_000) });
    await visitor.upload('large.txt').says('Failed');
    await visitor
      .upload('large.txt')
      .card.getByText(/a little less than 4\.4 MB can be sent\. Give its URL/)
      .waitFor();
    // This one is, with the form around it.
    await visitor.choose({ name: 'brim.txt', content: 'x'.repeat(4_400_000) });
    await visitor.upload('brim.txt').says('Failed');
    await visitor.choose({ name: 'fits.txt', content: 'x'.repeat(4_396_000) });
    await visitor.upload('fits.txt').says('Done');
    expect(visitor.complaints).toEqual([]);
    await visitor.picture('too-large');
  });

  it('says that a key is wrong, shows where to mend it, and goes on from there', async () => {
    await using visitor = await visit(browser, service.client.url, { key: 'wrong' });
    const key = visitor.page.getByLabel('API key');
    expect(await key.isVisible()).toBe(false);
    await visitor.choose({ name: 'first.txt', content: 'text' });
    const refused = visitor.upload('first.txt');
    await refused.says('Failed');
    await refused.card.getByText('This API key is not valid for this user.').waitFor();
    await visitor.picture('wrong-key');
    await key.fill(DEVELOPMENT_KEY);
    await visitor.choose({ name: 'second.txt', content: 'text' });
    await visitor.upload('second.txt').says('Done');
  });

  it('asks for the credentials, and for something to send, before it sends anything', async () => {
    await using visitor = await visit(browser, service.client.url, { key: '' });
    await visitor.paste('https://example.com/');
    await visitor.page.getByRole('alert').getByText('Enter your user id and your API key first.').waitFor();
    await visitor.page.getByLabel('API key').fill(DEVELOPMENT_KEY);
    await visitor.paste('');
    await visitor.page.getByRole('alert').getByText('Choose a file, or paste a URL.').waitFor();
    expect(await visitor.page.getByRole('article').count()).toBe(0);
  });

  it('carries several files at once, each on its own', async () => {
    await using visitor = await visit(browser, service.client.url);
    const names = ['one.md', 'two.csv', 'three.json', 'four.html'];
    const contents = ['# One', 'a,b\n1,2\n', '{"three": 3}', '<title>Four</title><p>The fourth.</p>'];
    await visitor.choose(...names.map((name, index) => ({ name, content: contents[index]! })));
    for (const name of names) {
      await visitor.upload(name).says('Done');
      expect(kindsOf(await visitor.upload(name).messages())).toEqual(['step', 'received', 'extract', 'success']);
    }
    expect(await visitor.page.getByRole('article').count()).toBe(names.length);
    expect(visitor.complaints).toEqual([]);
  });

  it('takes files that are dropped anywhere on it, and does not leave for them', async () => {
    await using visitor = await visit(browser, service.client.url);
    const dataTransfer = await visitor.page.evaluateHandle(
      `(() => {
        const data = new DataTransfer();
        data.items.add(new File(['Dropped.'], 'dropped.txt'));
        return data;
      })()`,
    );
    await visitor.page.dispatchEvent('h1', 'drop', { dataTransfer });
    await visitor.upload('dropped.txt').says('Done');
    expect(visitor.complaints).toEqual([]);
  });

  it('takes the credentials out of the address bar, and keeps them over a reload', async () => {
    await using visitor = await visit(browser, service.client.url);
    expect(visitor.page.url()).toBe(`${service.client.url}/`);
    await visitor.page.reload();
    await visitor.choose({ name: 'again.txt', content: 'Again.' });
    await visitor.upload('again.txt').says('Done');
    expect(visitor.page.url()).toBe(`${service.client.url}/`);
  });

  it('shows markup in a name, a title and a text as text', async () => {
    await using visitor = await visit(browser, service.client.url);
    const markup = '<img src=x onerror="window.hacked=true">';
    await visitor.choose({ name: `${markup}.txt`, content: `${markup} and more` });
    const upload = visitor.upload(`${markup}.txt`);
    await upload.says('Done');
    expect(await upload.card.getByRole('blockquote').textContent()).toContain(markup);
    expect(await visitor.page.locator('img').count()).toBe(0);
    expect(await visitor.page.evaluate('window.hacked')).toBeUndefined();
    expect(visitor.complaints).toEqual([]);
  });

  it('shows a result of any other shape as far as it can', async () => {
    await using visitor = await visit(browser, service.client.url);
    const odd = { title: { main: 'x' }, bytes: null, pages: ['y'], preview: {}, 'text-url': 'javascript:alert(1)' };
    const results = ['a sentence', null, [1], odd];
    const stamp = { type: 'file-upload', status: 'success', 'source-uuid': 'x', 'event-id': 'e-1' };
    await visitor.page.routeWebSocket(/\/ws\//, (socket) => {
      socket.onMessage(() => socket.close()); // the ack
      socket.send(JSON.stringify({ result: results.shift(), ...stamp }));
    });
    await visitor.page.reload();
    for (const name of ['a.txt', 'b.txt', 'c.txt', 'd.txt']) {
      await visitor.choose({ name, content: 'x' });
      await visitor.upload(name).says('Done');
      expect(await visitor.upload(name).facts()).toEqual({});
      expect(await visitor.upload(name).card.getByRole('link').count()).toBe(0);
    }
    expect(results).toEqual([]);
    expect(await visitor.page.textContent('main')).not.toMatch(/\[object|undefined|NaN/);
    expect(visitor.complaints).toEqual([]);
  });

  it('comes back with a new address, since the token in the old one may have run out', async () => {
    await using visitor = await visit(browser, service.client.url);
    let addresses = 0;
    await visitor.page.route('**/public/sources/ws', (route) =>
      route.fulfill({ json: { 'ws-address': `ws://${route.request().headers().host}/ws/x?token=${++addresses}` } }),
    );
    const tokens: Array<string | null> = [];
    const end = { result: 'x', type: 'file-upload', status: 'success', 'source-uuid': 'x', 'event-id': 'e-1' };
    await visitor.page.routeWebSocket(/\/ws\//, async (socket) => {
      tokens.push(new URL(socket.url()).searchParams.get('token'));
      if (tokens.length === 1) return await socket.close();
      socket.onMessage(() => socket.close()); // the ack
      socket.send(JSON.stringify(end));
    });
    await visitor.page.reload();
    await visitor.choose({ name: 'a.txt', content: 'x' });
    await visitor.upload('a.txt').says('Done');
    expect(tokens).toEqual(['1', '2']);
  });

  it('goes on where it was when its connection breaks: every message once, and Done', async () => {
    await using line = await startLine(service.client.url);
    await using visitor = await visit(browser, line.url);
    const answer = slowly('/train.txt');
    await visitor.paste(answer.url);
    const upload = visitor.upload('/train.txt');
    await upload.isAt(/^[1-9]\d? %$/);
    line.cut();
    await upload.card.getByText('Reconnecting').waitFor();
    await visitor.picture('reconnecting');
    await expect.poll(() => line.refused, { timeout: 60_000 }).toBeGreaterThan(0);
    answer.release(); // what happens meanwhile must not be missed
    line.mend();
    await upload.says('Done');
    const messages = await upload.messages();
    const numbers = messages.map((message) => Number(String(message['event-id']).split('-')[1]));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(messages.at(-1)).toMatchObject({ status: 'success', result: { words: SLOW_BYTES / 5 } });
    expect(await upload.card.getByText('Reconnecting').isVisible()).toBe(false);
  });

  it.each([
    ['light', { colorScheme: 'light' }],
    ['dark', { colorScheme: 'dark' }],
    ['narrow', { colorScheme: 'light', viewport: { width: 390, height: 844 } }],
  ] as const)('fits its window, %s', async (name, options) => {
    await using visitor = await visit(browser, service.client.url, options);
    await visitor.picture(`${name}-empty`);
    const long = 'A sentence that says what this document is about, in some words. '.repeat(12);
    await visitor.paste(`http://169.254.169.254/${'a-long-path/'.repeat(12)}`);
    await visitor.choose(
      { name: `quarterly-report-with-a-name-that-goes-on-and-on-and-on-and-on.txt`, content: long },
      { name: 'broken.pdf', content: '%PDF-1.7 and no more' },
    );
    await visitor.upload('169.254').says('Failed');
    await visitor.upload('quarterly').says('Done');
    await visitor.upload('broken.pdf').says('Failed');
    await visitor
      .upload('quarterly')
      .card.getByText(/^\d+ messages$/)
      .click();
    await visitor.picture(name);
    const tooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
    expect(await visitor.page.evaluate(tooWide)).toBe(false);
    expect(await visitor.page.textContent('body')).not.toMatch(/\[object|undefined|NaN/);
  });
});
