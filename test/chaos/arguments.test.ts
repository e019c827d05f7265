import { describe, expect, it } from 'vitest';
import { parseChaosArguments, UsageError } from './arguments.ts';

const parse = (...args: string[]) => parseChaosArguments(args, () => 7);

describe('npm run chaos', () => {
  it('scales its faults with the uploads', () => {
    expect(parse('--uploads', '10000', '--channels', '500')).toEqual({
      command: 'uploads',
      uploads: 10_000,
      channels: 500,
      seed: 7,
      redis: 'server',
      subscriberKills: 380,
      redisKills: 32,
      redisLosses: 6,
      socketDrops: 24,
      processKills: 0.075,
      concurrency: 10,
    });
    expect(parse()).toMatchObject({ uploads: 300, channels: 15, subscriberKills: 11, redisLosses: 1 });
  });

  it('takes what it is given instead', () => {
    expect(parse('--seed', '3', '--redis', 'embedded', '--redis-kills', '0', '--process-kills', '0.2')).toMatchObject({
      seed: 3,
      redis: 'embedded',
      redisKills: 0,
      processKills: 0.2,
    });
    expect(parse('--out', 'here')).toMatchObject({ out: 'here' });
    expect(parse('wake-ups', '--bursts', '50', '--naive')).toEqual({
      command: 'wake-ups',
      bursts: 50,
      seed: 7,
      redis: 'server',
      naive: true,
    });
    expect(parse('wake-ups', '--help')).toEqual({ command: 'help' });
  });

  it.each([
    [['--upload', '5']],
    [['--uploads', '0']],
    [['--uploads', '10', '--channels', '11']],
    [['--process-kills', '2']],
    [['--redis', 'none']],
    [['wake-ups', '--uploads', '5']],
    [['sleep']],
  ])('refuses %j', (args) => {
    expect(() => parse(...args)).toThrow(UsageError);
  });
});
