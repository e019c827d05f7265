import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../lib/app.ts';
import { type Bundles, FUNCTION_NAMES } from '../../lib/bundle.ts';

// The CDK lints what it synthesizes, which takes most of the time; `lint-templates.slow.test.ts` does it once for all tests.
process.env.CDK_VALIDATION = 'false';

/** The app's templates, made with empty functions: what they do is no matter of the templates. */

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of every shape
export type Json = any;

export interface Resource {
  readonly logicalId: string;
  readonly stack: string;
  readonly type: string;
  readonly properties: Json;
  readonly deletionPolicy: string | undefined;
}

export interface Synthesized extends Disposable {
  readonly dir: string;
  readonly stacks: Readonly<Record<string, Json>>;
  resources(type: string): Resource[];
  /** The only one of its type whose logical id is `name`, or else contains it. */
  resource(type: string, name?: string): Resource;
  /** A value as text: `${Sources/Table.Arn}` for what is only known once it is deployed, whichever stack it is in. */
  render(value: Json): string;
}

export function synthesize(context: Readonly<Record<string, unknown>> = {}): Synthesized {
  const root = mkdtempSync(join(tmpdir(), 'templates-'));
  const dir = join(root, 'cdk.out');
  const assembly = createApp({ outdir: dir, context, bundles: emptyBundles(root) }).synth();
  const stacks = Object.fromEntries(assembly.stacks.map((stack) => [stack.stackName, stack.template]));
  const all = Object.entries(stacks).flatMap(([stack, template]) => resourcesOf(stack, template));
  const resources = (type: string) => all.filter((resource) => resource.type === type);
  return {
    dir,
    stacks,
    resources,
    resource: (type, name = '') => {
      const named = resources(type).filter(({ logicalId }) => withoutHash(logicalId) === name);
      const found = named.length > 0 ? named : resources(type).filter(({ logicalId }) => logicalId.includes(name));
      if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} have "${name}" in their id.`);
      return found[0]!;
    },
    render: (value) => render(value, exportsOf(stacks)),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function emptyBundles(root: string): Bundles {
  for (const name of [...FUNCTION_NAMES, 'web']) mkdirSync(join(root, name), { recursive: true });
  for (const name of FUNCTION_NAMES) writeFileSync(join(root, name, 'index.mjs'), `export const handler = '${name}';`);
  writeFileSync(join(root, 'web', 'index.html'), '<!doctype html>');
  return { functionDir: (name) => join(root, name), webDir: join(root, 'web') };
}

function resourcesOf(stack: string, template: Json): Resource[] {
  return Object.entries<Json>(template.Resources).map(([logicalId, { Type, Properties, DeletionPolicy }]) => ({
    logicalId,
    stack,
    type: Type,
    properties: Properties ?? {},
    deletionPolicy: DeletionPolicy,
  }));
}

function exportsOf(stacks: Readonly<Record<string, Json>>): Map<string, Json> {
  const outputs = Object.values(stacks).flatMap((template) => Object.values<Json>(template.Outputs ?? {}));
  return new Map(outputs.filter(({ Export }) => Export).map(({ Export, Value }) => [Export.Name, Value]));
}

function render(value: Json, exported: ReadonlyMap<string, Json>): string {
  if (typeof value !== 'object') return String(value);
  const [[intrinsic, argument]] = Object.entries<Json>(value) as [[string, Json]];
  if (intrinsic === 'Ref') return argument.startsWith('AWS::') ? argument : `\${${withoutHash(argument)}}`;
  if (intrinsic === 'Fn::GetAtt') return `\${${withoutHash(argument[0])}.${argument[1]}}`;
  if (intrinsic === 'Fn::ImportValue') return render(exported.get(argument), exported);
  if (intrinsic === 'Fn::Join') return argument[1].map((part: Json) => render(part, exported)).join(argument[0]);
  if (intrinsic === 'Fn::Sub') return argument; // of the CDK's own, with pseudo parameters only
  throw new Error(`The test cannot render ${intrinsic}.`);
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
