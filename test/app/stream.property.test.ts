import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventId } from '../../domain/ids.ts';
import { createStream, type Stream } from './stream-run.ts';

/**
 * What a client has, whatever happens between any two calls that the service makes: workers that break off, subscribers
 * that crash between a post and the move of the cursor, resumes from anywhere, and a Redis that loses everything or a key.
 * STREAM_PROPERTY_RUNS raises the number of sequences, STREAM_PROPERTY_SEED chooses others.
 */
const RUNS = Number(process.env.STREAM_PROPERTY_RUNS ?? 400);
const SEED = Number(process.env.STREAM_PROPERTY_SEED ?? 1);

/** `last`: what the client itself saw last. A number: one of the events that anybody was ever sent. */
type After = 'none' | 'last' | 'beyond' | 'foreign' | number;

type Move =
  | { readonly do: 'upload' | 'ring' | 'crash' | 'overtake' | 'wait' }
  | { readonly do: 'connect'; readonly after: After }
  | { readonly do: 'resume'; readonly client: number; readonly after: After }
  | { readonly do: 'acknowledge'; readonly client: number }
  | { readonly do: 'worker' | 'delivery'; readonly index: number; readonly times: number }
  | { readonly do: 'lose'; readonly part: 'all' | 'channel' | 'history' | 'cursors' };

const client = fc.nat(3);
const after: fc.Arbitrary<After> = fc.oneof(
  fc.constantFrom<After[]>('none', 'none', 'last', 'last', 'beyond', 'foreign'),
  fc.nat(30),
);
const times = fc.integer({ min: 1, max: 12 });
const part = fc.constantFrom('all', 'all', 'channel', 'history', 'cursors');
const record = <D extends string, R>(names: D[], rest: { [K in keyof R]: fc.Arbitrary<R[K]> }) =>
  fc.record({ do: fc.constantFrom(...names), ...rest });

const move = fc.oneof(
  { weight: 2, arbitrary: record(['upload'], {}) },
  { weight: 2, arbitrary: record(['connect'], { after }) },
  { weight: 3, arbitrary: record(['resume'], { client, after }) },
  { weight: 1, arbitrary: record(['acknowledge'], { client }) },
  { weight: 12, arbitrary: record(['worker'], { index: client, times }) },
  { weight: 24, arbitrary: record(['delivery'], { index: client, times }) },
  { weight: 6, arbitrary: record(['ring', 'ring', 'wait', 'wait', 'crash', 'overtake'], {}) },
  { weight: 1, arbitrary: record(['lose'], { part }) },
) as fc.Arbitrary<Move>;

/** Somebody listens from the beginning, and there is something to hear. */
const begun: Move[] = [{ do: 'connect', after: 'none' }, { do: 'upload' }, { do: 'worker', index: 0, times: 3 }];

const lossAndResume = fc.tuple(record(['lose'], { part }), record(['resume'], { client, after })) as fc.Arbitrary<
  Move[]
>;
const burst = fc.oneof({ weight: 24, arbitrary: move.map((each) => [each]) }, { weight: 1, arbitrary: lossAndResume });

const moves = fc.array(burst, { minLength: 1, maxLength: 80, size: 'max' }).map((all) => [...begun, ...all.flat()]);

async function make(stream: Stream, move: Move): Promise<void> {
  const at = 'client' in move ? stream.clients()[move.client % Math.max(1, stream.clients().length)] : undefined;
  if (move.do === 'upload') await stream.upload();
  if (move.do === 'crash') stream.crash();
  if (move.do === 'overtake') stream.overtake();
  if (move.do === 'wait') await stream.wait(1000);
  if (move.do === 'lose') stream.lose(move.part);
  if (move.do === 'connect') await stream.connect(placeOf(stream, move.after, undefined));
  if (move.do === 'worker' || move.do === 'delivery') {
    for (let time = 0; time < move.times; time += 1) {
      stream.step(move.do, move.index);
      await stream.settle();
    }
  }
  if (move.do === 'ring' || move.do === 'worker') await stream.ring();
  const last = at?.lastSeen();
  if (move.do === 'acknowledge' && at && last) await stream.acknowledge(at, last);
  if (move.do === 'resume' && at) {
    const from = placeOf(stream, move.after, last);
    if (from) await stream.resume(at, from);
  }
  await stream.settle();
}

function placeOf(stream: Stream, after: After, last: EventId | undefined): EventId | undefined {
  const sent = stream.everSent();
  if (after === 'none') return undefined;
  if (after === 'foreign') return { epoch: 'foreign', seq: 2 };
  if (after === 'last') return last ?? sent.at(-1);
  if (after === 'beyond') return sent.length > 0 ? { ...sent.at(-1)!, seq: 1000 } : undefined;
  return sent[after % Math.max(1, sent.length)];
}

/** Nothing was found while it ran, and at the end everybody has everything. */
async function check(stream: Stream): Promise<void> {
  expect(stream.failures).toEqual([]);
  for (const client of stream.clients()) {
    if (client.owedGap) client.fail('was never told of its gap');
    if (!client.has(stream.present())) client.fail('was not sent the last event');
    if (!client.resumedUpTo(stream.present())) client.fail('was not sent again what it asked for again');
    const unknown = stream.uploadsSince(client).filter((source) => !client.knowsEndOf(source));
    if (unknown.length > 0) client.fail(`was never told the end of ${unknown}`);
  }
}

/** Whoever comes last, perhaps after Redis lost everything, is told what nobody was told, and nothing else. */
async function checkLate(stream: Stream): Promise<void> {
  const owed = stream.owed();
  // Who listens since before an end may be one that was not told: then it is told to all once more.
  const told = stream.clients().length === 0 ? stream.told() : [];
  await stream.wait(1); // a later moment than that of any end
  const late = await stream.connect(undefined);
  await stream.finish();
  expect(stream.failures).toEqual([]);
  const heard = [...late.terminals.keys()];
  expect(heard).toEqual(expect.arrayContaining(owed));
  expect(heard.filter((source) => told.includes(source))).toEqual([]);
  for (const [first, ...others] of stream.bySource()) {
    expect(Object.keys(first!)).toContain('step');
    expect(others.filter(({ status }) => status === 'success' || status === 'failure')).toHaveLength(1);
  }
}

describe('The stream of a client', () => {
  it('is contiguous or says where it is not, and brings every end', { timeout: 20_000 + RUNS * 200 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), moves, fc.boolean(), async (batchSize, all, loses) => {
        const stream = createStream(batchSize);
        await stream.begin();
        for (const each of all) await make(stream, each);
        await stream.finish();
        await check(stream);
        if (loses) stream.lose('all');
        await checkLate(stream);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
