import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createMemorySourceFiles } from '../../adapters/memory/source-files.ts';
import { MissingVariable, processor } from '../../lambdas/wiring.ts';

beforeEach(() => vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'process'));
afterEach(() => vi.unstubAllEnvs());

const stageWith = (url: string | undefined) => {
  vi.stubEnv('UPSTREAM_URL', url);
  return processor(createMemorySourceFiles()).stage;
};

it('extracts where there is no upstream, and forwards where there is one', () => {
  expect(stageWith(undefined)).toBe('extract');
  expect(stageWith('')).toBe('extract');
  expect(stageWith('https://sources.internal/api')).toBe('forward');
});

it('does not start with an upstream that cannot be used, and says so by the name of the variable', () => {
  for (const url of ['sources.internal', 'https://user:secret@sources.internal']) {
    expect(() => stageWith(url)).toThrow(MissingVariable);
    expect(() => stageWith(url)).toThrow('UPSTREAM_URL cannot be used: it has to be an http or https URL without');
    expect(() => stageWith(url)).not.toThrow('secret');
  }
});
