import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bundles, bundle, FUNCTION_NAMES, type FunctionName } from '../../lib/bundle.ts';
import { type Json, type Synthesized, synthesize } from './synthesized.ts';

/** The real functions, as they are deployed, meet the environment that the template gives them. */

const app = synthesize();
const buildDir = mkdtempSync(join(tmpdir(), 'handlers-'));
let bundles: Bundles;

beforeAll(() => {
  bundles = bundle({ root: fileURLToPath(new URL('../..', import.meta.url)), buildDir });
});

afterAll(() => {
  app[Symbol.dispose]();
  rmSync(buildDir, { recursive: true });
});

/** These have a default: to leave them out is no mistake. */
const OPTIONAL = ['LOG_LEVEL', 'ALLOW_FETCH_HOSTS'];

/** Set by Lambda for every function. */
const OF_LAMBDA = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_LAMBDA_FUNCTION_NAME: 'test',
};

/** Starts the function once with all variables and once without each; tells for each how it went. */
const PROGRAM = `
  globalThis.awslambda = { streamifyResponse: (handler) => handler }; // of Lambda's own runtime
  const [file, ...names] = process.argv.slice(1);
  const start = (id) => import(file + '?' + id).then(({ handler }) => typeof handler, (error) => error.message);
  const outcomes = { all: await start('all') };
  for (const name of names) {
    const value = process.env[name];
    delete process.env[name];
    outcomes[name] = await start(name);
    process.env[name] = value;
  }
  process.stdout.write(JSON.stringify(outcomes), () => process.exit());
`;

async function startWithout(name: FunctionName, of: Synthesized = app): Promise<Record<string, string>> {
  const { Environment } = of.resource(
    'AWS::Lambda::Function',
    `Functions${name.replaceAll('-', '')}Function`,
  ).properties;
  const variables = Object.entries<Json>(Environment.Variables).map(([key, value]) => [
    key,
    app
      .render(value)
      .replaceAll(/\$\{[^}]*\.Port\}/g, '6379')
      .replaceAll(/\$\{[^}]*\}/g, 'name'),
  ]);
  const required = variables.map(([key]) => key!).filter((key) => !OPTIONAL.includes(key));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', PROGRAM, join(bundles.functionDir(name), 'index.mjs'), ...required],
    { env: { ...OF_LAMBDA, ...Object.fromEntries(variables) } },
  );
  return JSON.parse(stdout);
}

it.concurrent.each(FUNCTION_NAMES)(
  '%s starts with what the template gives it, and needs every bit of that',
  async (name) => {
    const { all, ...without } = await startWithout(name);
    expect(all).toBe('function');
    for (const [variable, outcome] of Object.entries(without)) {
      // These are read by the SDK: without one, its own default holds.
      if (!variable.startsWith('AWS_ENDPOINT_URL_')) expect(outcome).toContain(variable);
    }
  },
);

it('so does one that logs in with a secret to a Redis that is there already', async () => {
  using own = synthesize({ redisUrl: 'rediss://redis.example.com:7000', redisSecret: 'redis/login' });
  expect(await startWithout('sweeper', own)).toMatchObject({
    all: 'function',
    REDIS_SECRET: expect.stringContaining('REDIS_SECRET'),
  });
});

it('puts into a bundle only what its function uses', () => {
  const holds = (name: FunctionName, text: string) =>
    readFileSync(join(bundles.functionDir(name), 'index.mjs'), 'utf8').includes(text);
  const commandOfRedis = 'evalsha';
  expect(FUNCTION_NAMES.filter((name) => holds(name, commandOfRedis))).toEqual([
    'cancel-source',
    'connect',
    'message',
    'process',
    'dead-letter',
    'subscriber',
    'sweeper',
  ]);
});
