import { describe, expect, it } from 'vitest';
import { parseBenchArguments, UsageError } from './arguments.ts';
import { percentile } from './figures.ts';

describe('npm run bench', () => {
  it('measures what it is told, 50 uploads and 3 rounds where it is not told', () => {
    expect(parseBenchArguments(['latency'])).toEqual({ command: 'latency', uploads: 50, rounds: 3 });
    expect(parseBenchArguments(['latency', '--uploads', '5', '--redis', 'embedded'])).toMatchObject({
      uploads: 5,
      redis: 'embedded',
    });
    expect(parseBenchArguments(['startup', '--rounds', '1'])).toEqual({ command: 'startup', rounds: 1 });
    expect(parseBenchArguments(['extract', '--megabytes', '2'])).toEqual({
      command: 'extract',
      rounds: 3,
      megabytes: 2,
    });
    expect(parseBenchArguments(['fetch'])).toEqual({ command: 'fetch', megabytes: 1000 });
    expect(parseBenchArguments(['fetch', '--megabytes', '200'])).toEqual({ command: 'fetch', megabytes: 200 });
    expect(parseBenchArguments(['sizes', '--help'])).toEqual({ command: 'help' });
  });

  it.each([
    [[]],
    [['speed']],
    [['latency', '--upload', '5']],
    [['latency', '--uploads', '0']],
    [['latency', '--redis', 'none']],
    [['startup', '--uploads', '5']],
    [['fetch', '--megabytes', '1e3']],
    [['sizes', 'all']],
  ])('refuses %j', (args) => {
    expect(() => parseBenchArguments(args)).toThrow(UsageError);
  });

  it('takes a percentile from the values there are', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 99, 100]);
    expect(percentile([7], 0.99)).toBe(7);
  });
});
