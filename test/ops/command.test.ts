import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { explain, OperationError, UsageError } from '../../ops/command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COMMANDS = ['deploy', 'destroy', 'cost', 'api-key', 'redrive'];

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`ops/${command}.ts`, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, LOCAL_STATE_DIR: '/nowhere/that/is/there' },
  });
  return { status, stdout, stderr };
}

describe.each(COMMANDS)('npm run %s', (command) => {
  it('is a script of package.json, and has a row in README', () => {
    const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
    expect(scripts[command]).toBe(`exec node ops/${command}.ts`);
    expect(readFileSync(`${ROOT}/README.md`, 'utf8')).toContain(`npm run ${command}`);
  });

  it('tells its options where it is asked, and ends with 0', () => {
    const { status, stdout, stderr } = run(command, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^npm run ${command}`));
    for (const line of stdout.split('\n')) expect.soft(line.length).toBeLessThanOrEqual(130);
  });

  it('says where to look where it is called wrongly, and ends with 2', () => {
    const { status, stdout, stderr } = run(command, ...(command === 'api-key' ? ['list'] : []), '--no-such-option');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^Unknown option '--no-such-option'\\. Try: npm run ${command} -- --help\n$`));
  });
});

// Node says it in three lines, the first of which ends with a full stop.
it('tells of a value that looks like an option in one sentence', () => {
  const { status, stdout, stderr } = run('cost', '--uploads', '-5');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toBe("Option '--uploads' argument is ambiguous. Try: npm run cost -- --help\n");
});

describe('what went wrong', () => {
  it('is one sentence where it is for the caller to solve, and everything where it is for us', () => {
    expect(explain('cost', new UsageError('Wrong.'))).toBe('Wrong. Try: npm run cost -- --help');
    expect(explain('cost', new OperationError('unpriced', 'Look it up.'))).toBe('Look it up.');
    expect(explain('cost', Object.assign(new Error('The app fails.'), { code: 'SYNTH_FAILED' }))).toBe(
      'The app fails.',
    );
    expect(explain('cost', new TypeError('ours'))).toMatch(/^TypeError: ours\n\s+at /);
    expect(explain('cost', Object.assign(new Error('read'), { code: 'ECONNRESET' }))).toMatch(/^Error: read\n\s+at /);
  });
});
