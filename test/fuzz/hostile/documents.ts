import { HOSTILE_ARCHIVES } from './archives.ts';
import type { HostileDocument } from './hostile.ts';
import { HOSTILE_PAGES } from './pages.ts';
import { HOSTILE_PDFS } from './pdfs.ts';
import { HOSTILE_TEXTS } from './texts.ts';

/** Bombs and traps of every format. */
export const HOSTILE_DOCUMENTS: readonly HostileDocument[] = [
  ...HOSTILE_PDFS,
  ...HOSTILE_PAGES,
  ...HOSTILE_TEXTS,
  ...HOSTILE_ARCHIVES,
];
