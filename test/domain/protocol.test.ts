import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statusOf } from '../../adapters/http/rest.ts';
import type { RequestErrorCode } from '../../domain/errors.ts';
import * as limits from '../../domain/limits.ts';
import { channelEvent, clientMessage } from '../../domain/messages.ts';

const root = join(import.meta.dirname, '../..');
const protocol = readFileSync(join(root, 'PROTOCOL.md'), 'utf8');
const errors = readFileSync(join(root, 'domain/errors.ts'), 'utf8');

/** The members of a union of string literals, as the source has them. */
function codesOf(union: string): string[] {
  const body = errors.split(`export type ${union} =`)[1]!.split(';')[0]!;
  return [...body.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]!);
}

describe('PROTOCOL.md', () => {
  it('gives every code of a refused request in the row of its status', () => {
    for (const code of codesOf('RequestErrorCode') as RequestErrorCode[]) {
      const row = protocol.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${code}\``));
      expect.soft(row, code).toContain(String(statusOf(code)));
    }
  });

  it('gives every code of a failure', () => {
    for (const code of codesOf('FailureCode')) expect.soft(protocol, code).toContain(`\`${code}\``);
  });

  it.each([
    limits.MAX_INLINE_BODY_BYTES,
    limits.MAX_JSON_BODY_BYTES,
    limits.MAX_FIELD_BYTES,
    limits.MAX_FETCH_BYTES,
    limits.MAX_MULTIPART_PARTS,
    limits.MAX_FILENAME_LENGTH,
    limits.MAX_BATCH_SIZE,
    limits.HISTORY_EVENTS,
    limits.MAX_REDIRECTS,
    limits.PROGRESS_INTERVAL_MS,
    limits.PREVIEW_CHARACTERS,
  ])('gives the limit of %d', (limit) => {
    expect(protocol).toMatch(new RegExp(`(?<![\\d,])(${limit}|${limit.toLocaleString('en-US')})(?![\\d,]*\\d)`));
  });

  it('gives the times of a channel, a source, a socket and its close, and the sizes of its frames and messages', () => {
    expect(limits.CHANNEL_TTL_MS).toBe(24 * 3_600_000);
    expect(limits.SOURCE_TTL_MS).toBe(7 * 24 * 3_600_000);
    expect(limits.SOCKET_IDLE_MS).toBe(600_000);
    expect(limits.SOCKET_LIFE_MS).toBe(7_200_000);
    expect(limits.CLOSE_GRACE_MS).toBe(1_000);
    expect(limits.MAX_FRAME_BYTES).toBe(32 * 1024);
    expect(limits.MAX_MESSAGE_BYTES).toBe(128 * 1024);
    expect.soft(protocol).toContain('a frame over 32 KB or a message over 128 KB');
    expect(limits.HEARTBEAT_WITHIN_MS).toBe(20_000);
    expect(limits.CANCEL_WITHIN_MS).toBe(2_000);
    for (const text of ['silent about it for 20 s', 'the work stops within 2 s']) expect.soft(protocol).toContain(text);
    for (const text of ['lives for 24 h', 'Kept for 7 days', '10 minutes without', '2 hours after', 'else 1 s after']) {
      expect.soft(protocol).toContain(text);
    }
  });
});

describe('the messages', () => {
  const stamp = { 'source-uuid': 'x', 'event-id': 'abc-1' };

  it('are told apart by what they carry', () => {
    const failed = {
      result: 'Error',
      error: 'No.',
      code: 'cancelled',
      type: 'url-upload',
      status: 'failure',
      ...stamp,
    };
    expect(channelEvent.parse(failed)).toEqual(failed);
    const succeeded = { result: { a: 1 }, type: 'file-upload', status: 'success', ...stamp };
    expect(channelEvent.parse(succeeded)).toEqual(succeeded);
    const heartbeat = { type: 'url-upload', status: 'processing', heartbeat: true, ...stamp };
    expect(channelEvent.parse(heartbeat)).toEqual(heartbeat);
    expect(channelEvent.safeParse({ ...succeeded, status: 'done' }).success).toBe(false);
  });

  it('of a client are only the three actions', () => {
    expect(clientMessage.parse({ action: 'ping' })).toEqual({ action: 'ping' });
    expect(clientMessage.safeParse({ action: 'resume', 'last-event-id': '../x' }).success).toBe(false);
    expect(clientMessage.safeParse({ action: 'ack', 'event-id': 'abc-01' }).success).toBe(false);
  });
});
