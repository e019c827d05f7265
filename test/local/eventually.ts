import { vi } from 'vitest';

/** Well below the bound of a test, so that a wait in vain says what it waited for. */
const BOUND_MS = 30_000;

/**
 * Waits until `holds` throws nothing. The one second that `vi.waitFor` has of its own is less than a busy machine may take to
 * start a process.
 */
export function eventually<T>(holds: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(holds, { timeout: BOUND_MS, interval: 20 });
}
