import type { Terminal } from '../app/ports.ts';
import { MAX_MESSAGE_BYTES } from '../domain/limits.ts';

/** The fields of the message around a result: type, status, source-uuid, event-id. */
const ENVELOPE_BYTES = 1024;

/**
 * Largest terminal that is stored, as JSON. It goes out as one WebSocket message, so a larger one could never be heard of;
 * it also keeps the record far below DynamoDB's 400 KB for an item.
 */
export const MAX_TERMINAL_BYTES = MAX_MESSAGE_BYTES - ENVELOPE_BYTES;

/** The caller asked for something that can never be stored: it has to shorten the result or fail the source. */
export class TerminalTooLargeError extends Error {
  override readonly name = 'TerminalTooLargeError';
  readonly code = 'terminal-too-large';
  readonly bytes: number;

  constructor(bytes: number) {
    super(`the terminal takes ${bytes} bytes as JSON, and at most ${MAX_TERMINAL_BYTES} can be stored`);
    this.bytes = bytes;
  }
}

/**
 * A terminal is stored as JSON text: DynamoDB's own types hold 32 levels and 38 digits, and the result of an upstream keeps
 * to neither.
 */
export function encodeTerminal(terminal: Terminal): string {
  const text = JSON.stringify(terminal);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TERMINAL_BYTES) throw new TerminalTooLargeError(bytes);
  return text;
}
