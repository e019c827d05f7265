import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWorker } from '../../../lib/bundle.ts';
import { extraction, MISBEHAVING_WORKER } from '../../adapters/extract/harness.ts';
import { HOSTILE_DOCUMENTS } from './documents.ts';
import { type HostileOutcome, MAX_RSS_BYTES, MAX_SECONDS, tryHostile, type Worker } from './try-hostile.ts';

/** The heavy ones too: npm run fuzz -- hostile */
const DOCUMENTS = HOSTILE_DOCUMENTS.filter(({ heavy }) => !heavy);

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A bound for a hang: each of them is far below it. */
const ALL_OF_THEM = 10 * 60_000;

const outcomes = new Map<string, HostileOutcome>();
let worker: Worker;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'source-upload-hostile-'));
  bundleWorker(ROOT, folder);
  worker = { workerPath: join(folder, 'extract-worker.mjs'), readable: [folder] };
  const left = [...DOCUMENTS];
  const lane = async () => {
    for (let document = left.shift(); document; document = left.shift()) {
      outcomes.set(document.about, await tryHostile(document, worker));
    }
  };
  // A child each; more at a time would say nothing of the memory and the time that one takes.
  await Promise.all([lane(), lane()]);
}, ALL_OF_THEM);
afterAll(() => rmSync(worker.readable[0]!, { recursive: true, force: true }));

describe('a document that is made to do harm', () => {
  it.each(DOCUMENTS)('ends in one way, in little memory and in time: $about', ({ about }) => {
    const outcome = outcomes.get(about)!;
    expect(outcome).toMatchObject({ isExpected: true });
    expect(outcome.peakRssBytes).toBeLessThan(MAX_RSS_BYTES);
    expect(outcome.cpuSeconds).toBeLessThan(MAX_SECONDS);
  });

  it('leaves nothing behind that the next one would meet', async () => {
    const next = await extraction('next.txt', 'the next one', worker);
    expect(await next.run()).toMatchObject({ words: 3 });
    expect(next.text()).toBe('the next one');
  });

  it('is one of many: 30 and more of each kind of trap', () => {
    expect(DOCUMENTS.length).toBeGreaterThanOrEqual(50);
    expect(new Set(HOSTILE_DOCUMENTS.map(({ about }) => about)).size).toBe(HOSTILE_DOCUMENTS.length);
  });

  it.runIf(process.platform === 'linux')('is measured: a worker that takes memory is seen to', async () => {
    const eater = { ...MISBEHAVING_WORKER, readable: [join(ROOT, 'test/adapters/extract')] };
    const document = {
      about: 'memory',
      filename: 'eats-memory',
      make: () => Buffer.from('x'),
      ends: 'document-memory',
    } as const;
    const outcome = await tryHostile(document, eater);
    expect(outcome).toMatchObject({ isExpected: true });
    expect(outcome.peakRssBytes).toBeGreaterThan(400_000_000);
  });
});
