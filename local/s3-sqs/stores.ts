import type { DatabaseSync } from 'node:sqlite';
import type { BuildAppOptions } from 'fauxqs';

/** The package exports its application but not the parts that it is made of, and only their types can be reached by name. */
type Stores = NonNullable<BuildAppOptions['stores']>;
type Persistence = NonNullable<Stores['sqsStore']['persistence']>;
export type Queue = ReturnType<Stores['sqsStore']['createQueue']>;

export interface OpenStores extends Stores, Disposable {
  /** MUST be called for each queue, those of an earlier run included. */
  makeDurable(queue: Queue): void;
}

interface StoreModules {
  readonly SqsStore: new () => Stores['sqsStore'];
  readonly SnsStore: new () => Stores['snsStore'];
  readonly S3Store: new () => Stores['s3Store'];
  readonly PersistenceManager: new (dataDir: string) => Persistence;
}

/**
 * Opens what an earlier run left in `dataDir`. Messages that were in flight then are visible again at once: whoever
 * held them ended with that run, and their clients should not wait for the rest of the visibility time-out.
 */
export async function openStores(dataDir?: string): Promise<OpenStores> {
  const { SqsStore, SnsStore, S3Store, PersistenceManager } = await loadModules();
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  if (dataDir === undefined) return { ...stores, makeDurable: () => {}, [Symbol.dispose]: () => {} };
  const persistence = new PersistenceManager(dataDir);
  const { db } = persistence as unknown as { readonly db: DatabaseSync };
  // A killed process loses nothing this way; a power cut may lose the last moments, which is not worth a flush per message.
  db.exec('PRAGMA synchronous = NORMAL');
  db.exec('UPDATE sqs_messages SET visibility_deadline = 1 WHERE receipt_handle IS NOT NULL');
  keepReceiveCount(persistence, db);
  // Loaded before the stores know of it: else each queue would be inserted anew, and that takes its messages away.
  persistence.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  stores.sqsStore.persistence = persistence;
  stores.snsStore.persistence = persistence;
  stores.s3Store.persistence = persistence;
  for (const queue of stores.sqsStore.allQueues()) queue.persistence = persistence;
  return {
    ...stores,
    makeDurable: (queue) => makeRedriveAtomic(queue, db),
    [Symbol.dispose]: () => persistence.close(),
  };
}

/** fauxqs 2.4 sets a message's receive count to NULL when it is given back at once, which its own schema refuses: the message was gone. */
function keepReceiveCount(persistence: Persistence, db: DatabaseSync): void {
  const giveBack = db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = (messageId) => {
    giveBack.run(messageId);
  };
}

/** A message that moves to its dead letter queue leaves the one and enters the other in one transaction, or not at all. */
function makeRedriveAtomic(queue: Queue, db: DatabaseSync): void {
  const dequeue = queue.dequeue.bind(queue);
  queue.dequeue = (...args) => {
    db.exec('BEGIN');
    try {
      const received = dequeue(...args);
      db.exec('COMMIT');
      return received;
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  };
}

async function loadModules(): Promise<StoreModules> {
  const main = import.meta.resolve('fauxqs');
  const modules = ['sqs/sqsStore.js', 'sns/snsStore.js', 's3/s3Store.js', 'persistence.js'];
  const loaded = await Promise.all(modules.map((file) => import(new URL(file, main).href)));
  return Object.assign({}, ...loaded) as StoreModules;
}
