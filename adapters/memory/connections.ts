import type { Connection, Connections } from '../../app/ports.ts';
import { wholeSecond } from './channels.ts';
import { type Faults, withFaults } from './faults.ts';

export function createMemoryConnections(): Connections & Faults<Connections> {
  const stored = new Map<string, Connection>();
  const keyOf = ({ wsUuid, connectionId }: Pick<Connection, 'wsUuid' | 'connectionId'>) => `${wsUuid}/${connectionId}`;
  return withFaults<Connections>({
    async add(connection) {
      stored.set(keyOf(connection), { ...connection, expiresAt: wholeSecond(connection.expiresAt) });
    },
    async find(connectionId) {
      return [...stored.values()].find((connection) => connection.connectionId === connectionId);
    },
    async remove(connection) {
      stored.delete(keyOf(connection));
    },
    async of(wsUuid, now) {
      return [...stored.values()].filter((connection) => connection.wsUuid === wsUuid && connection.expiresAt > now);
    },
    async countOf(owner, since, most) {
      const open = [...stored.values()].filter((each) => each.owner === owner && each.connectedAt > since);
      return Math.min(open.length, most);
    },
    async unannounced(now) {
      return [...stored.values()].filter((connection) => connection.unannounced && connection.expiresAt > now);
    },
    async markAnnounced(key) {
      const { unannounced, ...connection } = stored.get(keyOf(key)) ?? {};
      if (unannounced) stored.set(keyOf(key), connection as Connection);
    },
    async openedBetween(from, to) {
      return [...stored.values()].filter(({ connectedAt }) => from <= connectedAt && connectedAt < to);
    },
    async *all(now) {
      yield* [...stored.values()].filter((connection) => connection.expiresAt > now);
    },
  });
}
