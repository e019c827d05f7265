import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { combinedLog, consoleLog, fileLog, memoryLog } from '../../local/log.ts';

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'local-log-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return path.join(made, 'logs');
}

const NOON = Date.UTC(2025, 0, 1, 12);

test('each source has a file of its own, with the time and the level of each line', async () => {
  const logs = await folder();
  using log = fileLog(logs, () => NOON);
  log.line('connect', 'one');
  log.warn('connect', 'two');
  log.error('../message', 'three');
  expect((await readdir(logs)).toSorted()).toEqual(['.._message.log', 'connect.log']);
  expect(await readFile(path.join(logs, 'connect.log'), 'utf8')).toBe(
    '2025-01-01T12:00:00.000Z one\n2025-01-01T12:00:00.000Z WARN two\n',
  );
  expect(await readFile(path.join(logs, '.._message.log'), 'utf8')).toBe('2025-01-01T12:00:00.000Z ERROR three\n');
});

test('the next start adds to the files', async () => {
  const logs = await folder();
  for (const text of ['first run', 'second run']) {
    using log = fileLog(logs, () => NOON);
    log.line('connect', text);
  }
  expect((await readFile(path.join(logs, 'connect.log'), 'utf8')).split('\n')).toHaveLength(3);
});

test('what is said after the end is not written', async () => {
  const logs = await folder();
  const log = fileLog(logs, () => NOON);
  log.line('connect', 'one');
  log[Symbol.dispose]();
  log.line('connect', 'late');
  expect(await readFile(path.join(logs, 'connect.log'), 'utf8')).not.toContain('late');
});

test('the console gets warnings and errors, and nothing of what functions print', () => {
  const printed: string[] = [];
  const log = consoleLog((text) => printed.push(text));
  log.line('connect', 'chatter');
  log.warn('connect', 'odd');
  log.error('connect', 'broken');
  expect(printed).toEqual(['[connect] warning: odd', '[connect] error: broken']);
});

test('a combined log says everything to each', () => {
  const logs = [memoryLog(), memoryLog()];
  const log = combinedLog(...logs);
  log.line('a', '1');
  log.warn('a', '2');
  log.error('a', '3');
  for (const { entries } of logs)
    expect(entries.map(({ level, text }) => level + text)).toEqual(['line1', 'warn2', 'error3']);
});
