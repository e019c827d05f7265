import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createMemorySourceFiles } from '../../adapters/memory/source-files.ts';
import { MissingVariable, processor } from '../../lambdas/wiring.ts';

beforeEach(() => vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'process'));
afterEach(() => vi.unstubAllEnvs());

const stageWith = async (url: string | undefined) => {
  vi.stubEnv('UPSTREAM_URL', url);
  return (await processor(createMemorySourceFiles())).stage;
};

it('extracts where there is no upstream, and forwards where there is one', async () => {
  expect(await stageWith(undefined)).toBe('extract');
  expect(await stageWith('')).toBe('extract');
  expect(await stageWith('https://sources.internal/api')).toBe('forward');
});

it('does not start with an upstream that cannot be used, and says so by the name of the variable', async () => {
  for (const url of ['sources.internal', 'https://user:secret@sources.internal']) {
    const error = await stageWith(url).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MissingVariable);
    expect((error as Error).message).toContain(
      'UPSTREAM_URL cannot be used: it has to be an http or https URL without',
    );
    expect((error as Error).message).not.toContain('secret');
  }
});
