import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultOutDir, SynthError, synthesize } from '../../local/synth.ts';

let root: string;

/** Stands for a CDK app: writes a template that shows its context and one of its sources, and counts its runs. */
const APP = `
  import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
  const out = process.env.CDK_OUTDIR;
  mkdirSync(out, { recursive: true });
  const source = readFileSync('lib/source.txt', 'utf8');
  if (source === 'refused') {
    console.error('Context value "shards" has to be a number.');
    process.exit(2);
  }
  if (source === 'broken') throw new Error('the stack has no such thing');
  writeFileSync(out + '/manifest.json', '{}');
  writeFileSync(out + '/S.template.json', JSON.stringify({ context: process.env.CDK_CONTEXT_JSON, source }));
  appendFileSync('runs', 'x');
`;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'synth-'));
  await Promise.all(['bin', 'lib'].map((folder) => mkdir(join(root, folder))));
  await writeFile(join(root, 'bin', 'app.mjs'), APP);
  await writeFile(join(root, 'lib', 'source.txt'), 'one');
  await writeFile(join(root, 'cdk.json'), '{"app":"node bin/app.mjs"}');
  for (const file of ['package.json', 'package-lock.json']) await writeFile(join(root, file), '{}');
});

afterEach(() => rm(root, { recursive: true, force: true }));

const synth = (context: Record<string, string> = {}) =>
  synthesize({ root, outDir: defaultOutDir(root, context), context });
const runs = async () => (await readFile(join(root, 'runs'), 'utf8').catch(() => '')).length;
const template = async (context: Record<string, string> = {}) =>
  JSON.parse(await readFile(join(defaultOutDir(root, context), 'S.template.json'), 'utf8'));

test('the app runs once, and again only when a source has changed', async () => {
  expect(await synth()).toEqual({ cached: false });
  expect(await synth()).toEqual({ cached: true });
  await writeFile(join(root, 'lib', 'source.txt'), 'two');
  expect(await synth()).toEqual({ cached: false });
  expect([await runs(), (await template()).source]).toEqual([2, 'two']);
});

test('each set of context values has templates of its own, so that going back costs nothing', async () => {
  await synth();
  await synth({ allowFetchHosts: '127.0.0.1' });
  expect(await synth()).toEqual({ cached: true });
  expect((await template({ allowFetchHosts: '127.0.0.1' })).context).toBe('{"allowFetchHosts":"127.0.0.1"}');
  expect((await template()).context).toBe('{}');
});

test('templates that the command line of the CDK has written in between are not taken for ours', async () => {
  await synth();
  await writeFile(join(root, 'cdk.out', 'S.template.json'), '{"context":"of somebody else"}');
  expect(await synth()).toEqual({ cached: false });
  expect((await template()).context).toBe('{}');
});

test('several at once run the app once', async () => {
  await Promise.all([synth(), synth(), synth()]);
  expect(await runs()).toBe(1);
});

test('an app that fails is told with its own words, and tried again the next time', async () => {
  await synth();
  await writeFile(join(root, 'lib', 'source.txt'), 'broken');
  await expect(synth()).rejects.toThrow(SynthError);
  await expect(synth()).rejects.toThrow(/the stack has no such thing/);
});

test('what the app refuses is told in its sentence alone', async () => {
  await writeFile(join(root, 'lib', 'source.txt'), 'refused');
  await expect(synth()).rejects.toMatchObject({
    code: 'SETTING_REFUSED',
    message: 'Context value "shards" has to be a number.',
  });
});

test('code of older sources stays for a stack that still runs', async () => {
  await mkdir(join(root, 'cdk.out', 'asset.old'), { recursive: true });
  await cp(join(root, 'cdk.json'), join(root, 'cdk.out', 'asset.old', 'index.mjs'));
  await synth();
  expect(await readFile(join(root, 'cdk.out', 'asset.old', 'index.mjs'), 'utf8')).toContain('app');
});
