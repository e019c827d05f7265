import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FUNCTION_NAMES } from '../../lib/bundle.ts';
import { synthesize } from '../lib/synthesized.ts';
import { importsOf } from '../lib/template-references.ts';

const DOCS = resolve(import.meta.dirname, '../../docs');
const text = readFileSync(join(DOCS, 'architecture.md'), 'utf8');
const app = synthesize();
afterAll(() => app[Symbol.dispose]());

describe('docs/architecture.md', () => {
  it.each(FUNCTION_NAMES)('has %s in its picture of the parts', (name) => {
    expect(diagram('The parts')).toContain(`[${name}]`);
  });

  it('has every function on its side of the wall of the VPC', () => {
    const [inside, outside] = diagram('The network').split('outside[');
    for (const { properties } of app.resources('AWS::Lambda::Function')) {
      const name = properties.FunctionName?.replace(/^\w+-/, '');
      if (name === undefined) continue;
      expect.soft(properties.VpcConfig ? inside : outside, name).toMatch(new RegExp(`[",] ?${name}[",]`));
    }
  });

  it('draws only folders that are there in its picture of the code', () => {
    const folders = [...diagram('The code').matchAll(/\w+(?= -->)|(?<=--> )\w+/g)].map(([name]) => name);
    expect(folders.length).toBeGreaterThan(5);
    expect(folders.filter((name) => !existsSync(join(DOCS, '..', name)))).toEqual([]);
  });

  it('draws an arrow for each value that a stack takes of another one', () => {
    const drawn = [...diagram('The stacks').matchAll(/(\w+)(?:\[\w+\])? --> (\w+)/g)].map(
      ([, from, to]) => `${from} ${to}`,
    );
    const taken = [...importsOf(app.stacks)].flatMap(([from, needs]) => [...needs].map((to) => `${from} ${to}`));
    expect(drawn.sort()).toEqual(taken.map((each) => each.replaceAll('SourceUpload', '')).sort());
  });
});

it('every link between the documents leads somewhere', () => {
  const files = [
    'architecture.md',
    'delivery.md',
    'runbook.md',
    ...readdirSync(join(DOCS, 'adr')).map((name) => `adr/${name}`),
  ];
  for (const file of files) {
    const path = join(DOCS, file);
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
      expect.soft(existsSync(resolve(dirname(path), target!)), `${file} → ${target}`).toBe(true);
    }
  }
});

function diagram(heading: string): string {
  const [, drawing] = new RegExp(`\n## ${heading}\n\n\`\`\`mermaid\n([\\s\\S]*?)\`\`\``).exec(text) ?? [];
  if (drawing === undefined) throw new Error(`There is no diagram under "${heading}".`);
  return drawing;
}
