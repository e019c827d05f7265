import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser'];
const DEBIANS = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Everything that a browser does unasked, and the sandbox, which refuses to run as root. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** No browser is downloaded: the machine's own has to do. */
export class ChromiumMissing extends Error {
  override readonly name = 'ChromiumMissing';
  readonly code = 'CHROMIUM_MISSING';
}

export interface Environment {
  readonly CHROMIUM_PATH?: string | undefined;
  readonly PATH?: string | undefined;
}

/** @throws ChromiumMissing */
export function findChromium({ CHROMIUM_PATH, PATH = '' }: Environment, places: readonly string[] = DEBIANS): string {
  if (CHROMIUM_PATH) {
    if (isProgram(CHROMIUM_PATH)) return CHROMIUM_PATH;
    throw new ChromiumMissing(`CHROMIUM_PATH is ${CHROMIUM_PATH}, which is no program.`);
  }
  const onPath = PATH.split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const found = [...places, ...onPath].find(isProgram);
  if (found !== undefined) return found;
  throw new ChromiumMissing(
    'The browser tests need Chromium or Chrome: install it (apt-get install chromium), or name it in CHROMIUM_PATH.',
  );
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(process.env), args: ARGUMENTS });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
