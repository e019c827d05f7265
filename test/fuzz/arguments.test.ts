import { describe, expect, it } from 'vitest';
import { parseFuzzArguments, UsageError } from './arguments.ts';

describe('npm run fuzz', () => {
  it('tries a million bodies and 20,000 documents where it is not told otherwise', () => {
    expect(parseFuzzArguments(['bodies'])).toEqual({ command: 'bodies', count: 1_000_000, seed: 1 });
    expect(parseFuzzArguments(['documents', '--seed', '0', '--only', '5', '--out', 'x'])).toEqual({
      command: 'documents',
      count: 20_000,
      children: 400,
      seed: 0,
      only: 5,
      out: 'x',
    });
    expect(parseFuzzArguments(['hostile', '--only', 'zip'])).toEqual({ command: 'hostile', only: 'zip' });
    expect(parseFuzzArguments(['bodies', '--help'])).toEqual({ command: 'help' });
  });

  it.each([[[]], [['all']], [['bodies', '--count', '0']], [['bodies', '--children', '1']], [['hostile', 'zip']]])(
    'refuses %j',
    (args) => {
      expect(() => parseFuzzArguments(args)).toThrow(UsageError);
    },
  );
});
