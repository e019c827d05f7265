import type { ClientWorld, Round } from './channel-client.ts';
import type { ClientSocket, SocketEnd } from './client-socket.ts';
import { backoff, sleep, within } from './patience.ts';

/** The server closes within a second; after a fault it may take as long as an end may take, and some more. */
const CLOSED_WITHIN_MS = 100_000;

/** Where the server cannot know that this is the end of the round. */
const WAITS_FOR_CLOSE_MS = 4_000;

/** For `last-event-id` of a client that has none: no epoch has this name. */
const NOTHING_YET = '0-0';

const GLANCE_MS = 1_000;

/** Keeps one socket of the round open, over and over, until the client has every end and the socket is closed. */
export async function listen(world: ClientWorld, round: Round): Promise<void> {
  const { signal } = world;
  const { random, hasAll, behaviour, startAfter } = round;
  const heard = { any: false };
  for (let failures = 0; !signal.aborted; ) {
    const { last } = round.memory;
    const lastEventId = heard.any && behaviour.style === 'last-event-id' ? last : startAfter;
    const heardBy = { any: false };
    const socket = open(world, round, lastEventId, (event) => {
      heard.any ||= event;
      heardBy.any = true;
    });
    if (!(await socket.opened)) {
      await sleep(backoff(random, failures++), signal);
      continue;
    }
    failures = 0;
    const end = await stay(world, round, socket, { fresh: lastEventId === undefined, told: () => heardBy.any });
    if (hasAll()) return;
    if (end.by === 'server') world.count(`closed with ${end.code} before the client had all`);
    await sleep(random.chance(0.4) ? random.between(0, 300) : random.between(300, 4_000), signal);
  }
}

function open(
  { sockets, count }: ClientWorld,
  { channel, address, memory, behaviour, breaks, random }: Round,
  lastEventId: string | undefined,
  onHeard: (event: boolean) => void,
): ClientSocket {
  const socket = sockets.open({
    channel,
    address,
    ...(lastEventId && { lastEventId }),
    onMessage(message) {
      if (message['source-uuid'] !== undefined) onHeard(message['event-id'] !== undefined);
      if (message.type === 'gap') count('gaps');
      memory.take(message);
      if (random.chance(behaviour.leaves) && breaks.left-- > 0) {
        count('sockets that a client broke');
        socket.leave(random.chance(0.5));
      } else if (memory.last && random.chance(behaviour.resumes)) {
        socket.send({ action: 'resume', 'last-event-id': memory.last });
      }
    },
  });
  return socket;
}

/** As long as there is something to wait for. */
async function stay(
  world: ClientWorld,
  round: Round,
  socket: ClientSocket,
  { fresh, told }: { readonly fresh: boolean; readonly told: () => boolean },
): Promise<SocketEnd> {
  const { signal, count } = world;
  const { memory, behaviour, hasAll } = round;
  const over = new AbortController();
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  void socket.closed.then(() => {
    over.abort();
    resolve();
  });
  if (behaviour.pingEveryMs) void ping(socket, behaviour.pingEveryMs, over.signal);
  let silentSince = Date.now();
  while (!hasAll() && !over.signal.aborted && !signal.aborted) {
    const before = memory.last;
    await within(GLANCE_MS, over.signal, memory.changed);
    if (memory.last !== before) silentSince = Date.now();
    if (!fresh || Date.now() - silentSince < world.pace.silence) continue;
    count('fresh sockets that were told nothing');
    await askAgain(world, round);
    silentSince = Date.now();
  }
  if (behaviour.acknowledges && hasAll() && memory.last) socket.send({ action: 'ack', 'event-id': memory.last });
  // One that came after the close for another socket is not closed: it may wait for the next upload.
  const closes = round.plain() && told();
  await within(closes ? CLOSED_WITHIN_MS : WAITS_FOR_CLOSE_MS, signal, gone);
  if (!over.signal.aborted) {
    if (closes && !signal.aborted) count('sockets that the server did not close');
    socket.leave(true);
  }
  return await socket.closed;
}

/** In another socket, beside the one that is silent. */
async function askAgain(world: ClientWorld, round: Round): Promise<void> {
  const socket = open(world, round, round.memory.last ?? NOTHING_YET, () => {});
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  void socket.closed.then(() => resolve());
  if (await socket.opened) await within(CLOSED_WITHIN_MS, world.signal, gone);
  socket.leave(true);
  await socket.closed;
}

async function ping(socket: ClientSocket, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, signal);
    if (!signal.aborted) socket.send({ action: 'ping' });
  }
}
