import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GENERATIONS_OF_A_RECORD } from '../../adapters/generations.ts';
import { createManualClock, type ManualClock } from '../../adapters/memory/clock.ts';
import type { Source } from '../../app/ports.ts';
import { FAULT_KINDS, type PlannedFault, type Role } from './hosts.ts';
import { createMachine, type Machine, type RedisPorts } from './machine.ts';

/** The longest that a client may wait for the end after the last fault. */
const KNOWN_WITHIN_MS = 90_000;

/** Right after a run of the sweeper, and right before one: the fault falls on either side of it. */
const FIRST_SWEEPS_MS = [59_000, 14_000];

interface Run {
  readonly machine: Machine;
  /** Of each socket that the client opened, one after another. */
  readonly frames: string[];
  readonly knownAt: number;
}

/** One client, one upload: it connects, sends the file, and connects again with what it has whenever it was cut off. */
async function upload(machine: Machine, clock: ManualClock): Promise<Run> {
  const file = { owner: '1', wsUuid: randomUUID(), sourceUuid: randomUUID(), filename: 'notes.txt' };
  const frames: string[] = [];
  let connectionId = '';
  let read = 0;
  let knownAt = 0;
  const listen = async () => {
    take();
    connectionId = await machine.connect(file.wsUuid);
    read = 0;
  };
  const take = () => {
    const fresh = machine.sockets.frames(connectionId).slice(read);
    read += fresh.length;
    frames.push(...fresh);
  };
  const client = async () => {
    await machine.channels.register({ ...file, shard: 0, expiresAt: clock.now() + 3_600_000 }, clock.now());
    await listen();
    await machine.upload({ ...file, content: { file: Buffer.from('some text') } });
    // Where its first request was taken although it was not told so, and has come to its end since, the same again is a new upload.
    for (take(); endsOf(frames).length < uploadsOf(await machine.sources.get(file.sourceUuid)); take()) {
      await clock.sleep(100);
      if (machine.sockets.isClosedByServer(connectionId)) await listen();
    }
  };
  const acting = client();
  let acted = false;
  void acting.then(() => {
    acted = true;
  });
  await machine.runUntil(async () => {
    take();
    if (knownAt === 0 && endsOf(frames).length > 0) knownAt = clock.now();
    return acted && knownAt > 0 && machine.sockets.isClosedByServer(connectionId) && (await machine.isQuiet());
  });
  await acting;
  return { machine, frames, knownAt };
}

function uploadsOf(stored: Source | undefined): number {
  return stored!.generation % GENERATIONS_OF_A_RECORD;
}

function endsOf(frames: readonly string[]): Array<Record<string, unknown>> {
  const ends = frames
    .map((frame) => JSON.parse(frame))
    .filter(({ status }) => status === 'success' || status === 'failure');
  return [...new Map(ends.map((end) => [end['event-id'], end])).values()];
}

async function judge({ machine, frames, knownAt }: Run): Promise<void> {
  const messages = [...new Set(frames)].map((frame) => JSON.parse(frame));
  const [{ 'source-uuid': sourceUuid }] = messages;
  for (const events of byEpoch(messages)) {
    expect(events.map(({ 'event-id': id }) => Number(String(id).split('-')[1]))).toEqual(events.map((_, i) => i + 1));
    const end = events.findIndex((event) => 'result' in event);
    expect(events[0]).toHaveProperty('step');
    if (events.length > 1) expect(events[1]).toHaveProperty('message');
    if (end >= 0 && end < events.length - 1) expect(events[end + 1]).toHaveProperty('step'); // the next generation
  }
  const stored = await machine.sources.get(sourceUuid);
  const ends = endsOf(frames);
  expect(ends.length).toBeGreaterThanOrEqual(uploadsOf(stored));
  expect(stored).toMatchObject({ terminal: { status: 'success', result: ends.at(-1)!.result } });
  expect(new Set(ends.map(({ result }) => JSON.stringify(result))).size).toBe(1);
  expect(await machine.watch.isUnserved(0)).toBe(false);
  expect(knownAt - (machine.hosts.faultedAt ?? knownAt)).toBeLessThanOrEqual(KNOWN_WITHIN_MS);
}

/** Those with a number. */
function byEpoch(messages: ReadonlyArray<Record<string, unknown>>): Array<Array<Record<string, unknown>>> {
  const epochs = new Map<string, Array<Record<string, unknown>>>();
  for (const message of messages) {
    const id = message['event-id'];
    if (typeof id !== 'string') continue;
    const epoch = id.split('-')[0]!;
    epochs.set(epoch, [...(epochs.get(epoch) ?? []), message]);
  }
  return [...epochs.values()];
}

/** The calls of a role up to the last of this operation, where it makes any: the sweeper goes on for ever. */
function until(operation: string, calls: Machine['hosts']['calls'], role: Role): Machine['hosts']['calls'] {
  const own = calls.filter((each) => each.role === role);
  const last = own.findLastIndex(({ call }) => call === operation);
  return last < 0 ? own : own.slice(0, last + 1);
}

/** What each role calls while nothing goes wrong. The sweeper and the dead letters have their own tests. */
const ROLES: readonly Role[] = ['accept', 'connect', 'process', 'subscribe'];

/**
 * @param every false: each call is hit by one of the kinds only, and before one run of the sweeper, in turns: for a Redis
 * that is reached over a network.
 */
export function describeStepBoundaries(
  name: string,
  createRedis: (clock: ManualClock) => Promise<RedisPorts>,
  { every = true } = {},
): void {
  const once = async (faults: readonly PlannedFault[] = [], firstSweepMs?: number) => {
    const clock = createManualClock();
    return upload(createMachine({ clock, redis: await createRedis(clock), faults, firstSweepMs }), clock);
  };

  /** Every kind of fault at every call that the role makes in a run, beside the faults `given`. */
  async function surviveAll(role: Role, kinds: readonly PlannedFault['kind'][], given: readonly PlannedFault[] = []) {
    for (const firstSweepMs of every ? FIRST_SWEEPS_MS : FIRST_SWEEPS_MS.slice(0, 1)) {
      const calls = until('sources.shelve', (await once(given, firstSweepMs)).machine.hosts.calls, role);
      expect(calls.length).toBeGreaterThan(2);
      for (const [call, { call: operation }] of calls.entries()) {
        for (const kind of every ? kinds : [kinds[call % kinds.length]!]) {
          const faults = [...given, { role, call, kind }];
          try {
            const run = await once(faults, firstSweepMs);
            expect(run.machine.hosts.happened).toBe(faults.length);
            await judge(run);
          } catch (cause) {
            throw new Error(`${kind} at call ${call} of ${role}, ${operation}`, { cause });
          }
        }
      }
    }
  }

  const callOf = async (role: Role, operation: string): Promise<number> => {
    const calls = (await once()).machine.hosts.calls.filter((each) => each.role === role);
    return calls.findIndex(({ call }) => call === operation);
  };

  describe(`one upload, ${name}`, { timeout: 600_000 }, () => {
    it('ends and is told without any fault', async () => {
      const run = await once();
      await judge(run);
      expect(run.machine.log.entries.filter(({ level }) => level !== 'info')).toEqual([]);
    });

    it.each(ROLES)('survives every fault at every call that %s makes', (role) => surviveAll(role, FAULT_KINDS));

    it.each(ROLES)('survives a loss of all that Redis holds before every call that %s makes', (role) =>
      surviveAll(role, ['redis lost']),
    );

    it.each([
      ['redrives what a killed attempt left', 'bus.publish'],
      ['publishes what a killed attempt stored', 'sources.settle'],
    ])('survives every fault at every call of the sweeper that %s', async (_, operation) => {
      const killed = { role: 'process', call: await callOf('process', operation), kind: 'crash after' } as const;
      await surviveAll('sweep', [...FAULT_KINDS, 'redis lost'], [killed]);
    });

    it('survives every fault at every call of the sweeper that recovers from a loss', async () => {
      const call = await callOf('subscribe', 'sockets.post');
      await surviveAll('sweep', FAULT_KINDS, [{ role: 'subscribe', call: call + 2, kind: 'redis lost' }]);
    });
  });
}
