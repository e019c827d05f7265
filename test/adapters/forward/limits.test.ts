import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as limits from '../../../adapters/forward/limits.ts';
import { MAX_TERMINAL_BYTES } from '../../../adapters/terminal-size.ts';

const protocol = readFileSync(new URL('../../../PROTOCOL.md', import.meta.url), 'utf8');

describe('PROTOCOL.md', () => {
  it.each([
    ['forwarding to an upstream', `${limits.FORWARD_DEADLINE_MS / 1000} s`, '`upstream-timeout`'],
    ['JSON that an upstream answers', `${MAX_TERMINAL_BYTES / 1024} KiB`, '`upstream-answer-too-large`'],
    ['levels of that JSON', String(limits.MAX_RESULT_DEPTH), '`upstream-answer-invalid`'],
    ['`error` with the words', `${limits.MAX_SENTENCE_CHARACTERS} characters`, 'cut'],
  ])('says of "%s" that it is %s, and what comes beyond it', (what, limit, beyond) => {
    const row = protocol.split('\n').find((line) => line.startsWith(`| ${what}`));
    expect(row).toContain(`| ${limit} | ${beyond} |`);
  });
});
