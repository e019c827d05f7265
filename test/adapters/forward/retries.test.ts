import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { answerJson, formOf, forwarding, startUpstream, throughPauses } from './harness.ts';

describe('an upstream that fails', () => {
  it('with a 5xx is asked again, later each time, and may succeed', async () => {
    const clock = createManualClock();
    const start = clock.now();
    const asked: number[] = [];
    const bodies: string[] = [];
    await using upstream = await startUpstream(async (request, response) => {
      asked.push(clock.now() - start);
      bodies.push(String(((await formOf(request)).get('file') as File).size));
      if (asked.length < 4) answerJson(response, 503, { error: 'restarting' });
      else answerJson(response, 200, { done: true });
    });
    const test = await forwarding(upstream.url, { clock });
    expect(await throughPauses(clock, test.run())).toEqual({ done: true });
    expect(asked).toEqual([0, 500, 2_500, 10_500]);
    expect(bodies).toEqual(['10', '10', '10', '10']);
    expect(test.progress.map((each) => 'bytes' in each && each.bytes)).toEqual([0, 10]);
    expect(test.log.of('forward-failed')).toMatchObject([{ again: true }, { again: true }, { again: true }]);
    expect(clock.sleepers).toBe(0);
  });

  it.each([500, 502, 503, 504, 599])('with %i four times ends the source', async (status) => {
    const clock = createManualClock();
    await using upstream = await startUpstream((_, response) =>
      answerJson(response, status, { error: 'out of order' }),
    );
    const test = await forwarding(upstream.url, { clock });
    const error = await throughPauses(clock, test.failure());
    expect(error.code).toBe('upstream-failed');
    expect(error.message).toMatch(
      new RegExp(`^The upstream service answered ${status}.*: out of order\\. Send the source again later\\.$`),
    );
    expect(upstream.connections).toBe(4);
  });

  it('to listen is asked again, and ends the source as one that cannot be reached', async () => {
    const clock = createManualClock();
    const upstream = await startUpstream(() => {});
    await upstream[Symbol.asyncDispose]();
    const test = await forwarding(upstream.url, { clock });
    const error = await throughPauses(clock, test.failure());
    expect(error.code).toBe('upstream-unreachable');
    expect(error.message).toBe('The upstream service cannot be reached. Send the source again later.');
    expect(test.log.of('forward-failed')).toMatchObject([
      { tries: 1, again: true, cause: { cause: { code: 'ECONNREFUSED' } } },
      { tries: 2, again: true },
      { tries: 3, again: true },
      { tries: 4, again: false },
    ]);
  });

  it('is not waited for beyond the deadline: its last word counts', async () => {
    const clock = createManualClock();
    await using upstream = await startUpstream((_, response) => answerJson(response, 500, {}));
    const test = await forwarding(upstream.url, { clock, deadlineMs: 2_000 });
    const error = await throughPauses(clock, test.failure());
    expect(error.code).toBe('upstream-failed');
    expect(upstream.connections).toBe(2);
  });
});

describe('the pauses', () => {
  it('are up to twice as long by chance, so that many sources do not come back at once', async () => {
    const clock = createManualClock();
    const start = clock.now();
    const asked: number[] = [];
    await using upstream = await startUpstream((_, response) => {
      asked.push(clock.now() - start);
      answerJson(response, 500, {});
    });
    const test = await forwarding(upstream.url, { clock, random: () => 0.999 });
    await throughPauses(clock, test.failure());
    expect(asked.map((ms) => Math.round(ms / 100) * 100)).toEqual([0, 1_000, 5_000, 21_000]);
  });
});
