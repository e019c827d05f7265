import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultOutDir, synthesize } from '../../local/synth.ts';
import type { Templates } from './facts.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SUFFIX = '.template.json';

/** The templates that these context values make; made anew only where a source has changed. @throws SynthError */
export async function readTemplates(context: Readonly<Record<string, string>>): Promise<Templates> {
  const outDir = defaultOutDir(ROOT, context);
  await synthesize({ root: ROOT, outDir, context });
  const names = (await readdir(outDir)).filter((name) => name.endsWith(SUFFIX));
  const read = async (name: string) => JSON.parse(await readFile(join(outDir, name), 'utf8'));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name.slice(0, -SUFFIX.length), await read(name)])),
  );
}
