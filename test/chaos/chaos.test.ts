import { describe, expect, it } from 'vitest';
import { HAS_REDIS_SERVER } from '../e2e/service.ts';
import { reportOf, violationLines } from './run/report.ts';
import { runChaos } from './run/run-chaos.ts';

/** A small one of `npm run chaos`; the sweeper comes more often, so that nobody waits for its minute. */
describe('uploads under faults', () => {
  it('all end as they should, and their clients learn how', async () => {
    const options = {
      uploads: 24,
      channels: 16,
      seed: 3,
      redis: HAS_REDIS_SERVER ? ('server' as const) : ('embedded' as const),
      subscriberKills: 2,
      redisKills: 1,
      redisLosses: 1,
      socketDrops: 1,
      processKills: 0.1,
      concurrency: 8,
    };
    const result = await runChaos({
      ...options,
      pace: { absence: 3_000, silence: 20_000 },
      sweepEveryMs: 2_000,
      awaitHidden: false,
      sharesMachine: true,
      mostMs: 420_000, // a bound for a hang; it takes 60 to 90 s, and twice as long on a machine with other things to do
    });
    const { violations } = result.verdict;
    const evidence = violations.flatMap((violation) => violationLines(violation, result.history.records));
    const story = [...reportOf(result, { command: 'uploads', ...options }), ...evidence].join('\n');
    expect(violations.length, story).toBe(0);
    expect(result.quiet.busy, story).toEqual([]);
    expect(result.end, story).toBe('complete');
    expect(result.verdict.arrivals.sinceAccepted.length, story).toBeGreaterThan(12);
  }, 660_000);
});
