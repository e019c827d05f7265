import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../local/faults/catalogue.ts';
import { checkFault } from '../../../local/faults/check-fault.ts';
import { createRandom } from '../random.ts';
import { drawPlan, type FaultTargets, isCalm, type PlannedFault } from './plan.ts';

const FULL: FaultTargets = {
  uploads: 10_000,
  redis: 'server',
  subscriberKills: 320,
  redisKills: 32,
  redisLosses: 6,
  socketDrops: 24,
  processKills: 0.06,
};

const FUNCTIONS = ['subscriber', 'process', 'sweeper', 'upload-source', 'connect', 'message', 'ws-address', 'fetch'];

describe('a plan of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(drawPlan(FULL, createRandom(5))).toEqual(drawPlan(FULL, createRandom(5)));
    expect(drawPlan(FULL, createRandom(5))).not.toEqual(drawPlan(FULL, createRandom(6)));
  });

  it('has as many of each as it is told', () => {
    const { subscribers, processing, redis, sockets } = drawPlan(FULL, createRandom(1));
    const redisDoes = redis.map(({ action }) => action.do === 'redis' && action.action);
    expect([subscribers.length, sockets.length]).toEqual([320, 24]);
    expect(redisDoes.filter((each) => each === 'kill')).toHaveLength(32);
    expect(redisDoes.filter((each) => each === 'lose')).toHaveLength(6);
    expect(processing.length).toBeGreaterThan(600);
  });

  it('kills no Redis that is a part of the runtime', () => {
    const { redis, bursts } = drawPlan({ ...FULL, redis: 'embedded' }, createRandom(1));
    expect(redis).toHaveLength(6);
    expect(bursts.filter(({ action }) => action.do === 'redis-stop')).toEqual([]);
  });

  it('rests in the calm of each wave, and goes in order', () => {
    for (const lane of Object.values(drawPlan(FULL, createRandom(2))) as PlannedFault[][]) {
      const times = lane.map(({ at }) => at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times.filter((at) => isCalm(at, FULL.uploads))).toEqual([]);
    }
    expect(isCalm(0.99, FULL.uploads)).toBe(false);
    expect(isCalm(0.12, FULL.uploads)).toBe(true);
  });

  it('asks only for what the services can do', () => {
    for (const lane of Object.values(drawPlan(FULL, createRandom(3))) as PlannedFault[][]) {
      for (const { action } of lane) {
        if ('fault' in action) checkFault(action.fault, [...FUNCTIONS, 'disconnect', 'dead-letter']);
      }
    }
    expect(Object.keys(CATALOGUE)).toHaveLength(6);
  });
});
