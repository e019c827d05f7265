import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { DEVELOPMENT_KEY } from '../../local/development-key.ts';

const PICTURES = fileURLToPath(new URL('../../test-results/', import.meta.url));

/** For whatever has to come on the page: a bound for a hang, below that of a test. */
const WAITS_MS = 90_000;

/** One person in front of the page, in a browser profile of their own. */
export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  /** What the page complained of: console errors, and errors that nobody caught. */
  readonly complaints: string[];
  /** The upload whose name contains the text. */
  upload(name: string): Upload;
  choose(...files: ReadonlyArray<{ readonly name: string; readonly content: string | Buffer }>): Promise<void>;
  paste(url: string): Promise<void>;
  /** For a person to look at, in `test-results/`. */
  picture(name: string): Promise<void>;
}

export interface Upload {
  readonly card: Locator;
  /** Waits until it says so. */
  says(status: string): Promise<void>;
  /** Waits until the text beside the bar is like this, e.g. `50 %`. */
  isAt(progress: RegExp): Promise<void>;
  facts(): Promise<Record<string, string>>;
  /** The messages as they came. */
  messages(): Promise<Array<Record<string, unknown>>>;
}

export interface VisitOptions extends BrowserContextOptions {
  readonly key?: string;
}

export async function visit(browser: Browser, url: string, options: VisitOptions = {}): Promise<Visitor> {
  const { key = DEVELOPMENT_KEY, ...contextOptions } = options;
  const context = await browser.newContext(contextOptions);
  context.setDefaultTimeout(WAITS_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${url}/#user=1&key=${key}`);
  return {
    page,
    complaints,
    upload: (name) => uploadOf(page.getByRole('article').filter({ has: page.getByRole('heading', { name }) })),
    choose: (...files) =>
      page.setInputFiles(
        '#file',
        files.map(({ name, content }) => ({ name, mimeType: '', buffer: Buffer.from(content) })),
      ),
    async paste(address) {
      await page.getByLabel('URL').fill(address);
      await page.getByRole('button', { name: 'Upload' }).click();
    },
    async picture(name) {
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: `${PICTURES}${name}.png`, fullPage: true });
    },
    [Symbol.asyncDispose]: () => context.close(),
  };
}

function uploadOf(card: Locator): Upload {
  return {
    card,
    says: (status) => card.getByRole('status').getByText(status, { exact: true }).waitFor(),
    isAt: (progress) => card.locator('.progress-text').filter({ hasText: progress }).waitFor(),
    async facts() {
      const [names, values] = await Promise.all(['dt', 'dd'].map((each) => card.locator(each).allTextContents()));
      return Object.fromEntries(names!.map((name, index) => [name, values![index]!]));
    },
    async messages() {
      const lines = await card.locator('.messages li').allTextContents();
      return lines.map((line) => JSON.parse(line));
    },
  };
}
