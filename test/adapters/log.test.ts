import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog, withLogFields } from '../../adapters/log.ts';

function capture(): { lines(): Record<string, unknown>[] } {
  const written: string[] = [];
  const write = (chunk: unknown) => written.push(String(chunk)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write);
  return {
    lines: () =>
      written
        .join('')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the log', () => {
  it('writes one line of JSON an event, with the service, the level and the data', () => {
    const output = capture();
    const log = createLog({ service: 'process' });
    log.info('source-ended', { sourceUuid: 'a', status: 'success' });
    log.warn('socket-failed');
    log.error('failed', { error: new Error('broken') });
    expect(output.lines()).toMatchObject([
      { level: 'INFO', message: 'source-ended', service: 'process', sourceUuid: 'a', status: 'success' },
      { level: 'WARN', message: 'socket-failed' },
      { level: 'ERROR', message: 'failed', error: { name: 'Error', message: 'broken' } },
    ]);
  });

  it('hides secrets whatever it is given', () => {
    const output = capture();
    createLog({ service: 'process' }).info('called', { headers: { 'x-api-key': 'cap-secret' } });
    expect(output.lines()).toHaveLength(1);
    expect(JSON.stringify(output.lines())).not.toContain('cap-secret');
  });

  it('gives every line of one piece of work its fields, and no line of another that runs at the same time', async () => {
    const output = capture();
    const log = createLog({ service: 'process' });
    const gate = Promise.withResolvers<void>();
    const work = (name: string) =>
      withLogFields({ correlationId: name }, async () => {
        log.info(`${name}-began`);
        await gate.promise;
        log.warn(`${name}-ended`, { shard: 3 });
        withLogFields({ sourceUuid: 'inner' }, () => log.info(`${name}-inner`));
      });
    const both = Promise.all([work('a'), work('b')]);
    gate.resolve();
    await both;
    log.info('outside');
    const fields = output.lines().map(({ message, correlationId, sourceUuid, shard }) => ({
      message,
      correlationId,
      sourceUuid,
      shard,
    }));
    expect(fields).toEqual([
      { message: 'a-began', correlationId: 'a' },
      { message: 'b-began', correlationId: 'b' },
      { message: 'a-ended', correlationId: 'a', shard: 3 },
      { message: 'a-inner', correlationId: 'a', sourceUuid: 'inner' },
      { message: 'b-ended', correlationId: 'b', shard: 3 },
      { message: 'b-inner', correlationId: 'b', sourceUuid: 'inner' },
      { message: 'outside' },
    ]);
  });

  it('hides secrets in the fields of the work around it, and lets a line have the last word', () => {
    const output = capture();
    const log = createLog({ service: 'process' });
    withLogFields({ token: 'cap-secret', sourceUuid: 'outer' }, () => log.info('called', { sourceUuid: 'own' }));
    expect(output.lines()).toMatchObject([{ sourceUuid: 'own', token: '[redacted]' }]);
  });

  it('leaves out what is below its level, and takes an unknown level for INFO', () => {
    const output = capture();
    const quiet = createLog({ service: 'process', level: 'error' });
    quiet.info('a');
    quiet.warn('b');
    createLog({ service: 'process', level: 'chatty' }).info('c');
    expect(output.lines().map(({ message }) => message)).toEqual(['c']);
  });
});
