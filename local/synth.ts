import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock } from './clock.ts';
import { waitForLock } from './process-lock.ts';

export interface SynthOptions {
  /** The folder of `cdk.json`. */
  readonly root: string;
  readonly outDir: string;
  /** Over the values of `cdk.json`, as `cdk -c name=value` gives them. */
  readonly context: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Called when there is something to wait for. */
  readonly onStart?: () => void;
}

/** The CDK app refuses a context value, whose name the message says, or does not run. */
export class SynthError extends Error {
  override readonly name = 'SynthError';
  readonly code: 'SETTING_REFUSED' | 'SYNTH_FAILED';

  constructor(code: SynthError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** What the templates, and the code that they deploy, are made of. */
const SOURCE_FOLDERS = ['bin', 'lib', 'lambdas', 'app', 'adapters', 'domain', 'web'];
const SOURCE_FILES = ['cdk.json', 'package.json', 'package-lock.json'];

/** Of this machine, where it differs from `cdk.json`: the addresses of the original service, which hold no token. */
export const LOCAL_CONTEXT = { socketAuth: 'channel' };

const STAMP = '.sources';

/** How the app ends then, with one sentence. */
const SETTING_REFUSED = 2;

/** Other context values make other templates: each set has a folder of its own, so that changing them back costs nothing. */
export function defaultOutDir(root: string, context: Readonly<Record<string, string>>): string {
  if (Object.keys(context).length === 0) return join(root, 'cdk.out');
  return join(root, '.build', `cdk.out-${digest(JSON.stringify(Object.entries(context).sort())).slice(0, 8)}`);
}

/** Brings the templates in `outDir` up to date: runs the CDK app, itself and not its command line, if a source changed. */
export async function synthesize(options: SynthOptions): Promise<{ readonly cached: boolean }> {
  const hash = await hashSources(options);
  if (await isUpToDate(options.outDir, hash)) return { cached: true };
  options.onStart?.();
  // One at a time, whatever its folder: the bundles are built in one place before they are copied.
  await using _lock = await waitForLock(join(options.root, '.build', 'synth.lock'), systemClock, options.signal);
  if (await isUpToDate(options.outDir, hash)) return { cached: true };
  await rm(join(options.outDir, STAMP), { force: true });
  await runApp(options);
  await dropOldAssets(options.outDir);
  await writeFile(join(options.outDir, STAMP), `${hash} ${await hashTemplates(options.outDir)}`);
  return { cached: false };
}

async function runApp({ root, outDir, context, signal }: SynthOptions): Promise<void> {
  const { app } = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as { app: string };
  const script = app.split(' ').at(-1)!;
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const exited = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
  const [code, errors] = await Promise.all([exited, text(child.stderr)]);
  if (code === SETTING_REFUSED) throw new SynthError('SETTING_REFUSED', errors.trim());
  if (code !== 0)
    throw new SynthError('SYNTH_FAILED', `The CDK app ${script} failed (exit code ${code}):\n${errors.trim()}`);
}

async function hashSources({ root, context }: SynthOptions): Promise<string> {
  const folders = await Promise.all(SOURCE_FOLDERS.map((folder) => filesBelow(join(root, folder))));
  const files = [...folders.flat(), ...SOURCE_FILES.map((file) => join(root, file))].sort();
  const contents = await Promise.all(files.map(async (file) => digest(await readFile(file))));
  const lines = files.map((file, index) => `${relative(root, file)} ${contents[index]}`);
  return digest([JSON.stringify(Object.entries(context).sort()), ...lines].join('\n'));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The command line of the CDK writes to the same folder, with whatever context it is given: then they are not ours any more. */
async function isUpToDate(outDir: string, sourcesHash: string): Promise<boolean> {
  const stamp = await readFile(join(outDir, STAMP), 'utf8').catch(() => undefined);
  return stamp !== undefined && stamp === `${sourcesHash} ${await hashTemplates(outDir)}`;
}

async function hashTemplates(outDir: string): Promise<string> {
  const names = (await readdir(outDir))
    .filter((name) => /^manifest\.json$|\.(template|assets)\.json$/.test(name))
    .sort();
  return digest((await Promise.all(names.map((name) => readFile(join(outDir, name), 'utf8')))).join('\n'));
}

/** A stack that still runs may start functions from the code of older sources; after a day none does. */
const ASSET_LIFE_MS = 24 * 60 * 60_000;

async function dropOldAssets(outDir: string): Promise<void> {
  const names = await readdir(outDir);
  const manifests = names.filter((name) => name.endsWith('.assets.json'));
  const used = (await Promise.all(manifests.map((name) => readFile(join(outDir, name), 'utf8')))).join();
  for (const name of names.filter((each) => each.startsWith('asset.') && !used.includes(each))) {
    const path = join(outDir, name);
    if ((await stat(path)).mtimeMs < Date.now() - ASSET_LIFE_MS) await rm(path, { recursive: true, force: true });
  }
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
