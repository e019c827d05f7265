import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdOrdered } from '../../../../local/redis/embedded/id-ordered.ts';

const items = (list: IdOrdered<{ id: bigint }>) => [...list.from(0n)].map(({ id }) => Number(id));

test('it holds what a plain sorted list holds, whatever is added and taken', () => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        gap: fc.integer({ min: 1, max: 3 }),
        times: fc.nat(30),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), id: fc.nat(1000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), count: fc.nat(50) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const list = new IdOrdered<{ id: bigint }>();
      let model: number[] = [];
      let last = 0;
      for (const each of steps) {
        if (each.kind === 'append') {
          for (let time = 0; time < each.times; time += 1) {
            last += each.gap;
            list.append({ id: BigInt(last) });
            model.push(last);
          }
        } else if (each.kind === 'delete') {
          expect(list.delete(BigInt(each.id))).toBe(model.includes(each.id));
          model = model.filter((id) => id !== each.id);
        } else {
          const count = Math.min(each.count, model.length);
          list.dropFirst(count);
          model = model.slice(count);
        }
        expect(list.length).toBe(model.length);
        expect(Number(list.first?.id ?? -1)).toBe(model[0] ?? -1);
        expect(Number(list.last?.id ?? -1)).toBe(model.at(-1) ?? -1);
      }
      expect(items(list)).toEqual(model);
      for (let id = 0; id < 1000; id += 7) expect(list.get(BigInt(id)) !== undefined).toBe(model.includes(id));
    }),
  );
});

test('what was taken is let go of, whichever way', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const list = new IdOrdered<{ id: bigint; held: object }>();
  const held = Array.from({ length: 10 }, (_, index) => {
    const object = { index };
    list.append({ id: BigInt(index), held: object });
    return new WeakRef(object);
  });
  list.delete(0n);
  list.delete(5n);
  list.dropFirst(2);
  // A WeakRef holds on to its object until the task in which it was made is over.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(held.map((each) => each.deref()?.index)).toEqual([
    undefined,
    undefined,
    undefined,
    3,
    4,
    undefined,
    6,
    7,
    8,
    9,
  ]);
});
