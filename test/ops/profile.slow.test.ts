import { describe, expect, it, vi } from 'vitest';
import { OTHER_CALLS, TABLE_CALLS } from '../../ops/cost/profile.ts';
import { type Service, startService } from '../e2e/service.ts';
import { type Calls, countCalls } from './count-upload.ts';

/** What `npm run cost` takes an upload for is what an upload does: counted in the whole service, as it runs locally. */

/** How often they come depends on how events fall together, and on how long the machine takes: at least and at most. */
const VARYING: Readonly<Record<string, readonly [number, number]>> = {
  'subscriber dynamodb Query': [3, 10],
  'subscriber connections POST': [4, 8],
  'connect lambda Invoke': [0, 1],
  'process lambda Invoke': [0, 1],
  // At the restoration and at the close; again where a delivery asks while another one restores, or a close has to wait.
  'subscriber dynamodb GetItem': [1, 6],
  'subscriber dynamodb UpdateItem': [1, 3],
  'subscriber connections DELETE': [1, 3],
  'process dynamodb GetItem': [0, 30], // one a second, while it works
  // Whoever comes first finds the connection there; the other one may find it as well.
  'subscriber dynamodb DeleteItem': [0, 1],
  'disconnect dynamodb DeleteItem': [0, 1],
};

/** Twice: the first upload on a new Redis makes what the others find. */
async function callsOfSecondUpload(service: Service): Promise<Calls> {
  const file = new Blob(['Some words of a text. '.repeat(90_000)], { type: 'text/plain' });
  const count = (filename: string) =>
    countCalls(service, async (soFar) => {
      await service.client.whole({ file }, filename);
      // It is told of the close, and nobody waits for it.
      const seen = () => Object.keys(soFar());
      await vi.waitFor(() => expect(seen()).toContain('disconnect dynamodb Query'), 30_000);
      await vi.waitFor(() => expect(seen().some((name) => name.endsWith(' dynamodb DeleteItem'))).toBe(true), 30_000);
    });
  await count('first.txt');
  return await count('second.txt');
}

describe('the profile of an upload', () => {
  it('is what an upload does', async () => {
    await using service = await startService('embedded');
    const counted = Object.entries(await callsOfSecondUpload(service)).filter(([name]) => !name.startsWith('sweeper '));
    expect(Object.fromEntries(counted.filter(([name]) => !(name in VARYING)))).toEqual(expectedCalls());
    const calls = Object.fromEntries(counted);
    for (const [name, [least, most]] of Object.entries(VARYING)) {
      expect.soft(calls[name] ?? 0, name).toBeGreaterThanOrEqual(least);
      expect.soft(calls[name] ?? 0, name).toBeLessThanOrEqual(most);
    }
  });
});

function expectedCalls(): Record<string, number> {
  const expected: Record<string, number> = { ...OTHER_CALLS };
  for (const call of TABLE_CALLS.filter((each) => each.function !== 'sweeper')) {
    const name = `${call.function} dynamodb ${call.operation}`;
    expected[name] = (expected[name] ?? 0) + call.times;
  }
  return Object.fromEntries(Object.entries(expected).filter(([name]) => !(name in VARYING)));
}
