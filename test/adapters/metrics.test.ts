import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createManualClock, type ManualClock } from '../../adapters/memory/clock.ts';
import { createEmfMetrics, type FlushedMetrics, flushing, METRIC_UNITS, NAMESPACE } from '../../adapters/metrics.ts';
import type { CountName } from '../../app/ports.ts';

type Line = Record<string, unknown> & {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly [
      {
        readonly Namespace: string;
        readonly Dimensions: string[][];
        readonly Metrics: { Name: string; Unit: string }[];
      },
    ];
  };
};

let written: string[];
let clock: ManualClock;
let metrics: FlushedMetrics;

beforeEach(() => {
  written = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => written.push(String(chunk)) > 0);
  clock = createManualClock();
  metrics = createEmfMetrics({ clock });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const lines = (): Line[] =>
  written
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('the metrics', () => {
  it('are one line in the embedded metric format, under one dimension', () => {
    metrics.count('SourcesAccepted');
    metrics.duration('DeliveryLag', 12);
    metrics.flush();
    const [line, ...others] = lines();
    expect(others).toEqual([]);
    expect(line).toMatchObject({ service: 'source-upload', SourcesAccepted: 1, DeliveryLag: 12 });
    const [directive] = line!._aws.CloudWatchMetrics;
    expect(directive).toEqual({
      Namespace: NAMESPACE,
      Dimensions: [['service']],
      Metrics: [
        { Name: 'SourcesAccepted', Unit: 'Count' },
        { Name: 'DeliveryLag', Unit: 'Milliseconds' },
      ],
    });
    // Whatever else were in the line could be somebody's data.
    expect(Object.keys(line!).sort()).toEqual(['DeliveryLag', 'SourcesAccepted', '_aws', 'service']);
  });

  it('write nothing where nothing was recorded, nor a second time', () => {
    metrics.flush();
    metrics.count('FramesReplayed', 0);
    metrics.flush();
    expect(written).toEqual([]);
    metrics.count('LeasesLost');
    metrics.flush();
    metrics.flush();
    expect(lines()).toHaveLength(1);
  });

  it('keep every value of a duration, in lines of 100 at the most', () => {
    for (let value = 0; value < 250; value++) metrics.duration('DeliveryLag', value);
    metrics.flush();
    const values = lines().map((line) => line.DeliveryLag as number[]);
    expect(values.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(values.flat()).toEqual(Array.from({ length: 250 }, (_, value) => value));
  });

  it('of a function that runs on are written with the next value, once the first is 10 s old', async () => {
    metrics.count('SocketsGone');
    await clock.advance(9_999);
    metrics.count('SocketsGone');
    expect(written).toEqual([]);
    await clock.advance(1);
    metrics.count('SocketsGone');
    expect(lines().map((line) => line.SocketsGone)).toEqual([[1, 1]]);
    metrics.flush();
    expect(lines().map((line) => line.SocketsGone)).toEqual([[1, 1], 1]);
  });

  it('have no negative duration, should two clocks differ', () => {
    metrics.duration('TimeToEnd', -3);
    metrics.flush();
    expect(lines()[0]!.TimeToEnd).toBe(0);
  });

  it('have names of CloudWatch, each with its unit', () => {
    for (const [name, unit] of Object.entries(METRIC_UNITS)) {
      expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(unit).toBe(/^(Time|DeliveryLag)/.test(name) ? 'Milliseconds' : 'Count');
      metrics.count(name as CountName);
    }
  });

  it('are written after a handler, also after one that failed', async () => {
    const handler = flushing(metrics, async (event: string) => {
      metrics.count('SourcesAccepted');
      if (event === 'bad') throw new Error('broken');
      return `${event} done`;
    });
    expect(await handler('good')).toBe('good done');
    expect(lines()).toHaveLength(1);
    await expect(handler('bad')).rejects.toThrow('broken');
    expect(lines()).toHaveLength(2);
  });
});
