import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../e2e/service.ts';
import { launchChromium } from './chromium.ts';
import { visit } from './visitor.ts';

describe('the page, for people who write from right to left, type other letters or have no mouse', () => {
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

  it('lays out texts from right to left that are written so, and no name by the orders in it', async () => {
    await using visitor = await visit(browser, service.client.url);
    const hebrew = 'שלום עולם, זה מסמך קצר. ';
    await visitor.choose({ name: 'דוח שנתי.txt', content: `${hebrew}\nAn English line.` });
    const upload = visitor.upload('דוח');
    await upload.says('Done');
    // Where the letters are: those of Hebrew at the right end of the box, those of English at the left one.
    const gaps = await visitor.page.evaluate<number[]>(`(() => {
      const quote = document.querySelector('.preview');
      const text = quote.firstChild;
      const boxOf = (at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect();
      };
      const box = quote.getBoundingClientRect();
      return [box.right - boxOf(0).right, boxOf(text.data.indexOf('An English')).left - box.left];
    })()`);
    for (const gap of gaps) expect(gap).toBeLessThan(30);
    await visitor.choose({ name: 'evil\u202Etxt.exe', content: 'x' });
    const evil = visitor.upload('eviltxt.exe');
    await evil.says('Done');
    expect(await evil.card.locator('.messages li').first().textContent()).toContain('evil\\u202etxt.exe');
    expect((await evil.messages())[0]!.step).toMatch(/evil\u202Etxt\.exe$/);
    for (const part of ['.error', '.facts dd', '.name']) {
      const style = `(() => { const at = document.querySelector('${part}'); return at && getComputedStyle(at).unicodeBidi; })()`;
      expect([part, await visitor.page.evaluate(style)]).toEqual([part, 'plaintext']);
    }
    await visitor.picture('right-to-left');
  });

  it.each(['ключ', 'cap-dev-1234\u2013abcd'])('says that a key is wrong that cannot even be sent: %s', async (key) => {
    await using visitor = await visit(browser, service.client.url, { key: 'wrong' });
    await visitor.page.locator('summary').first().click();
    await visitor.page.getByLabel('API key').fill(key);
    await visitor.choose({ name: 'first.txt', content: 'text' });
    const refused = visitor.upload('first.txt');
    await refused.says('Failed');
    await refused.card.getByText('This API key is wrong: it has a character that no key has.').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  it('leaves whoever cancels with the keyboard at the upload, and takes no second cancel meanwhile', async () => {
    await using visitor = await visit(browser, service.client.url);
    service.web.answerWith(
      (_, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).write('endless'),
    );
    await visitor.paste(`http://localhost:${service.web.port}/endless.txt`);
    const upload = visitor.upload('/endless.txt');
    const cancel = upload.card.getByRole('button', { name: 'Cancel' });
    const focused = () =>
      visitor.page.evaluate<string>('document.activeElement.className || document.activeElement.tagName');
    const calls: string[] = [];
    const goOn = Promise.withResolvers<void>();
    await visitor.page.route(/public\/sources\/[0-9a-f-]+$/, async (route) => {
      calls.push(route.request().method());
      await goOn.promise;
      await route.continue();
    });
    await cancel.waitFor();
    await cancel.focus();
    await visitor.page.keyboard.press('Enter');
    await visitor.page.keyboard.press('Enter');
    expect(await focused()).toBe('cancel');
    goOn.resolve();
    await upload.says('Cancelled');
    expect(await focused()).toBe('name');
    expect(calls).toEqual(['DELETE']);
    await visitor.picture('cancelled-by-keyboard');
  });
});
