import { randomUUID } from 'node:crypto';
import type { Clock, ProcessQueue } from '../../app/ports.ts';
import { formatProcessMessage } from '../sqs/process-message.ts';
import { wholeDelay } from '../sqs/process-queue.ts';
import { type Faults, withFaults } from './faults.ts';

export interface MemoryDelivery {
  readonly receiptHandle: string;
  /** For `parseProcessMessage`. */
  readonly body: string;
  /** 1 at the first delivery. */
  readonly receiveCount: number;
}

export interface MemoryProcessQueue extends ProcessQueue {
  /** The oldest message that is visible now; it is hidden for the visibility time-out, or moved to the dead letters. */
  receive(): MemoryDelivery | undefined;
  /** Done with. A receipt that a later delivery has replaced deletes nothing. */
  delete(receiptHandle: string): void;
  /** Visible or hidden. */
  readonly size: number;
  /** When the next message is to be had; undefined: there is none. */
  readonly nextAt: number | undefined;
  readonly deadLetters: readonly string[];
}

export interface MemoryProcessQueueOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly visibilityTimeoutMs?: number;
  readonly maxReceiveCount?: number;
}

interface Message {
  readonly body: string;
  visibleAt: number;
  receiveCount: number;
  receiptHandle?: string;
}

/** The queue as it is deployed: at-least-once, visibility, redrive. */
export function createMemoryProcessQueue(
  options: MemoryProcessQueueOptions,
): MemoryProcessQueue & Faults<MemoryProcessQueue> {
  const { clock, visibilityTimeoutMs = 330_000, maxReceiveCount = 5 } = options;
  const messages = new Set<Message>();
  const deadLetters: string[] = [];
  const heldBy = (receiptHandle: string) => [...messages].find((message) => message.receiptHandle === receiptHandle);

  return withFaults<MemoryProcessQueue>({
    async send(source) {
      messages.add({ body: formatProcessMessage(source), visibleAt: clock.now(), receiveCount: 0 });
    },
    async backlog() {
      return [...messages].filter(({ visibleAt }) => visibleAt <= clock.now()).length;
    },
    async returnAfter(receiptHandle, delaySeconds) {
      const delayMs = wholeDelay(delaySeconds) * 1000;
      const message = heldBy(receiptHandle);
      if (message && message.visibleAt > clock.now()) message.visibleAt = clock.now() + delayMs;
    },
    receive() {
      for (const message of messages) {
        if (message.visibleAt > clock.now()) continue;
        if (message.receiveCount >= maxReceiveCount) {
          messages.delete(message);
          deadLetters.push(message.body);
          continue;
        }
        message.receiveCount += 1;
        message.visibleAt = clock.now() + visibilityTimeoutMs;
        message.receiptHandle = randomUUID();
        return { receiptHandle: message.receiptHandle, body: message.body, receiveCount: message.receiveCount };
      }
      return undefined;
    },
    delete(receiptHandle) {
      const message = heldBy(receiptHandle);
      if (message) messages.delete(message);
    },
    get size() {
      return messages.size;
    },
    get nextAt() {
      return messages.size === 0 ? undefined : Math.min(...[...messages].map(({ visibleAt }) => visibleAt));
    },
    deadLetters,
  });
}
