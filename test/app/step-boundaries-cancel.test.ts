import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../adapters/memory/clock.ts';
import { createMemoryBus } from '../../adapters/memory/event-bus.ts';
import type { Source } from '../../app/ports.ts';
import { FAULT_KINDS, type PlannedFault, type Role } from './hosts.ts';
import { createMachine } from './machine.ts';

/** The longest that a client may wait for the end after the last fault. */
const KNOWN_WITHIN_MS = 90_000;

/** What the worker was at when it was cancelled. */
const WORK_MS = 4_000;

/**
 * One client that uploads, listens, and cancels.
 * @param waitMs from the answer of the upload to the cancel: at once it meets the claim, later the work, or its end.
 */
async function cancelled(waitMs: number, faults: readonly PlannedFault[] = []) {
  const clock = createManualClock();
  const { bus, reader, watch, lose } = createMemoryBus({ clock });
  const machine = createMachine({ clock, redis: { bus, reader, watch, lose }, faults });
  machine.processor.process = async (source: Source, _: unknown, signal: AbortSignal) => {
    await clock.sleep(WORK_MS, signal);
    await machine.files.putText(source, Buffer.from('as much as there was')); // stopped or not: the last write is late
    signal.throwIfAborted();
    return { title: 'done' };
  };
  const content = { file: Buffer.from('some text') };
  const upload = { owner: '1', wsUuid: randomUUID(), sourceUuid: randomUUID(), filename: 'notes.txt', content };
  const frames: string[] = [];
  let connectionId = '';
  let knownAt: number | undefined;
  let closed = false;
  const look = () => {
    frames.push(...machine.sockets.frames(connectionId).slice(frames.length));
    if (frames.some(isEnd)) knownAt ??= clock.now();
    closed = machine.sockets.isClosedByServer(connectionId);
  };
  const client = async () => {
    await machine.channels.register({ ...upload, shard: 0, expiresAt: clock.now() + 3_600_000 }, clock.now());
    connectionId = await machine.connect(upload.wsUuid);
    await machine.upload(upload);
    await clock.sleep(waitMs);
    return await machine.cancel(upload);
  };
  let answered = false;
  const answer = client().finally(() => {
    answered = true;
  });
  await machine.runUntil(async () => {
    look();
    return answered && knownAt !== undefined && closed && (await machine.isQuiet());
  });
  return { machine, frames, upload, knownAt: knownAt!, answer: await answer };
}

function isEnd(frame: string): boolean {
  return 'result' in JSON.parse(frame);
}

/** One end, told and answered alike; where that is the cancel, nothing is left. */
async function judge({ machine, frames, upload, knownAt, answer }: Awaited<ReturnType<typeof cancelled>>) {
  const ends = [...new Set(frames.filter(isEnd))].map((frame) => JSON.parse(frame));
  const stored = (await machine.sources.get(upload.sourceUuid))!;
  const values = new Set(ends.map(({ status, code }) => `${status} ${code}`));
  expect([...values]).toEqual([stored.terminal!.status === 'success' ? 'success undefined' : 'failure cancelled']);
  expect(answer.source).toMatchObject({ status: stored.terminal!.status });
  expect(machine.files.keys.length === 0).toBe(stored.terminal!.status === 'failure');
  expect(knownAt - (machine.hosts.faultedAt ?? knownAt)).toBeLessThanOrEqual(KNOWN_WITHIN_MS);
}

/** From the cancel on, what both call. */
const ROLES: readonly Role[] = ['cancel', 'process'];

describe.each([
  ['at its claim', 0],
  ['in its middle', 1_500],
  ['with its last write', WORK_MS - 10],
  ['after its end', WORK_MS + 5_000],
])('work that is cancelled %s', { timeout: 600_000 }, (_, waitMs) => {
  it('has one end without any fault, and leaves nothing where that is the cancel', async () => {
    const run = await cancelled(waitMs);
    await judge(run);
    expect(run.answer.now).toBe(waitMs < WORK_MS);
    expect(run.machine.log.entries.filter(({ level }) => level !== 'info')).toEqual([]);
  });

  it.each(ROLES)('has one end whatever goes wrong at any call that %s makes', async (role) => {
    const calls = (await cancelled(waitMs)).machine.hosts.calls.filter((each) => each.role === role);
    expect(calls.length).toBeGreaterThan(0);
    for (const [call, { call: operation }] of calls.entries()) {
      for (const kind of [...FAULT_KINDS, 'redis lost'] as const) {
        try {
          const run = await cancelled(waitMs, [{ role, call, kind }]);
          expect(run.machine.hosts.happened).toBe(1);
          await judge(run);
        } catch (cause) {
          throw new Error(`${kind} at call ${call} of ${role}, ${operation}`, { cause });
        }
      }
    }
  });
});
