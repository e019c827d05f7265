import { expect, test } from 'vitest';
import { HostTable } from '../../local/host-table.ts';

const hosts = new HostTable();
hosts.add('abc.execute-api.us-east-1.amazonaws.com', 'http://127.0.0.1:4001');
hosts.add('cache.example.amazonaws.com', 'redis://127.0.0.1:6380');

test.each([
  ['https://abc.execute-api.us-east-1.amazonaws.com/live', 'http://127.0.0.1:4001/live'],
  ['wss://abc.execute-api.us-east-1.amazonaws.com/live', 'ws://127.0.0.1:4001/live'],
  ['rediss://cache.example.amazonaws.com:6379', 'redis://127.0.0.1:6380'],
  ['https://example.com/x', 'https://example.com/x'],
  ['SourceUploadState-Sources', 'SourceUploadState-Sources'],
])('%s becomes %s', (given, expected) => {
  expect(hosts.rewrite(given, 'Stack/Resources/A')).toBe(expected);
});

test("somebody's own Redis keeps its scheme, host and password", () => {
  const own = new HostTable();
  own.add('cache.example.amazonaws.com', 'rediss://me:secret@redis.example.com:7000');
  const rewritten = own.rewrite('rediss://cache.example.amazonaws.com:6379', 'Stack/Resources/A');
  expect(rewritten).toBe('rediss://me:secret@redis.example.com:7000');
});

test('a known host outside of a URL stops the start: the function would look for AWS', () => {
  expect(() => hosts.rewrite('cache.example.amazonaws.com', 'Stack/Resources/A')).toThrow(/^Stack\/Resources\/A: /);
});
