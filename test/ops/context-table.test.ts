import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { contextNames } from '../../ops/deployment/context.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

it('README has one table of all context values, with the defaults of cdk.json', () => {
  const { context } = JSON.parse(read('cdk.json'));
  const table = /\| context value \|.*\n\|[-|]+\n((?:\|.*\n)+)/.exec(read('README.md'))![1]!;
  const rows = [...table.matchAll(/^\| `(\w+)` \| (?:`([^`]*)`|empty) \|/gm)].map(([, name, value = '']) => [
    name,
    value,
  ]);
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(contextNames().map((name) => [name, String(context[name])])),
  );
});
