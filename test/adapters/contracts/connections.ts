import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Connection, Connections } from '../../../app/ports.ts';

const NOW = Date.UTC(2025, 5, 1);
const HOUR = 60 * 60_000;

export function describeConnections(name: string, make: () => Promise<Connections> | Connections): void {
  describe(`Connections, ${name}`, () => {
    let connections: Connections;
    beforeAll(async () => {
      connections = await make();
    });
    const connection = (wsUuid = randomUUID()): Connection => ({
      wsUuid,
      connectionId: randomUUID(),
      shard: 1,
      connectedAt: NOW,
      expiresAt: NOW + HOUR,
    });
    const byId = (a: Connection, b: Connection) => a.connectionId.localeCompare(b.connectionId);

    it('gives every connection of a channel, and none of another', async () => {
      const wsUuid = randomUUID();
      const both = [connection(wsUuid), connection(wsUuid)].sort(byId);
      for (const each of [...both, connection()]) await connections.add(each);
      expect((await connections.of(wsUuid, NOW)).sort(byId)).toEqual(both);
      expect(await connections.of(randomUUID(), NOW)).toEqual([]);
    });

    it('keeps the event that the client has already', async () => {
      const resumed = { ...connection(), lastEventId: { epoch: 'abc123', seq: 17 } };
      await connections.add(resumed);
      expect(await connections.of(resumed.wsUuid, NOW)).toEqual([resumed]);
      expect(await connections.find(resumed.connectionId)).toEqual(resumed);
    });

    it('finds a connection by its id alone', async () => {
      const added = connection();
      await connections.add(added);
      expect(await connections.find(added.connectionId)).toEqual(added);
      expect(await connections.find(randomUUID())).toBeUndefined();
    });

    it('forgets one that was removed, and takes a second removal calmly', async () => {
      const [left, stays] = [connection(), connection()].map((each, _, all) => ({ ...each, wsUuid: all[0]!.wsUuid }));
      await connections.add(left!);
      await connections.add(stays!);
      await connections.remove(left!);
      await connections.remove(left!);
      expect(await connections.of(left!.wsUuid, NOW)).toEqual([stays]);
      expect(await connections.find(left!.connectionId)).toBeUndefined();
    });

    it('does not give an expired connection, though it is still stored', async () => {
      const added = connection();
      await connections.add(added);
      expect(await connections.of(added.wsUuid, NOW + HOUR - 1)).toEqual([added]);
      expect(await connections.of(added.wsUuid, NOW + HOUR)).toEqual([]);
    });

    it('counts those of an owner that were opened after a moment, and no further than is asked for', async () => {
      const owner = randomUUID();
      const open = [1, 2, 3].map((at) => ({ ...connection(), owner, connectedAt: NOW + at }));
      for (const each of [...open, { ...connection(), owner: randomUUID() }, connection()]) await connections.add(each);
      expect(await connections.countOf(owner, NOW, 10)).toBe(3);
      expect(await connections.countOf(owner, NOW + 1, 10)).toBe(2);
      expect(await connections.countOf(owner, NOW, 2)).toBe(2);
      expect(await connections.countOf(randomUUID(), NOW, 10)).toBe(0);
      await connections.remove(open[0]!);
      expect(await connections.countOf(owner, NOW, 10)).toBe(2);
      expect(await connections.of(open[1]!.wsUuid, NOW)).toEqual([open[1]]);
    });

    it('gives those that Redis was not told of until it was, and never one that is gone', async () => {
      const [one, two, gone] = [connection(), connection(), connection()];
      for (const each of [one, two, gone]) await connections.add(each!);
      for (const each of [one, two, gone]) await connections.add({ ...each!, unannounced: true });
      await connections.remove(gone!);
      await connections.markAnnounced(gone!);
      const unannounced = { ...one!, unannounced: true };
      expect(await connections.of(one!.wsUuid, NOW)).toEqual([unannounced]);
      const found = await connections.unannounced(NOW);
      expect(found).toContainEqual(unannounced);
      expect(found.map(({ connectionId }) => connectionId)).not.toContain(gone!.connectionId);
      expect(await connections.unannounced(NOW + HOUR)).toEqual([]);
      await connections.markAnnounced(one!);
      await connections.markAnnounced(one!);
      expect((await connections.unannounced(NOW)).map(({ connectionId }) => connectionId)).toEqual([two!.connectionId]);
      expect(await connections.of(one!.wsUuid, NOW)).toEqual([one]);
      expect(await connections.of(gone!.wsUuid, NOW)).toEqual([]);
    });

    it('gives those of all channels that were opened at a moment or later, and before another', async () => {
      const at = NOW + 7 * HOUR; // of which no other test has any
      const opened = [-1, 0, 1, 59, 60].map((ms) => ({ ...connection(), connectedAt: at + ms, expiresAt: at + HOUR }));
      for (const each of opened) await connections.add(each);
      await connections.remove(opened[2]!);
      const found = await connections.openedBetween(at, at + 60);
      expect(found.sort((a, b) => a.connectedAt - b.connectedAt)).toEqual([opened[1], opened[3]]);
    });

    it('gives the connections of all channels, but for the expired ones', async () => {
      const wsUuid = randomUUID();
      const [one, two, other] = [connection(wsUuid), connection(wsUuid), connection()];
      const expired = { ...connection(), expiresAt: NOW };
      for (const each of [one, two, other, expired]) await connections.add(each!);
      const found: Connection[] = [];
      for await (const each of connections.all(NOW)) found.push(each);
      for (const each of [one, two, other]) expect(found).toContainEqual(each);
      expect(found.map(({ connectionId }) => connectionId)).not.toContain(expired.connectionId);
    });
  });
}
