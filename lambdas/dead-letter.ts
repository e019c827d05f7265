import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { systemClock } from '../adapters/clock.ts';
import { withLogFields } from '../adapters/log.ts';
import { flushing } from '../adapters/metrics.ts';
import { ProcessMessageError, parseProcessMessage } from '../adapters/sqs/process-message.ts';
import { failDeadLetter } from '../app/fail-dead-letter.ts';
import * as wire from './wiring.ts';

const queue = wire.deadLetterQueue();
const log = wire.log();
const metrics = wire.metrics();
const ports = {
  sources: wire.sources(),
  bus: wire.bus(),
  subscribers: wire.subscribers(),
  clock: systemClock,
  log,
  metrics,
};

/** The dead-letter queue: a source whose message was received too often ends here, and its client hears of it. */
export const handler = flushing(metrics, async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const record of event.Records) {
    if (!(await isDone(record))) batchItemFailures.push({ itemIdentifier: record.messageId });
  }
  return { batchItemFailures };
});

async function isDone({ messageId, receiptHandle, body }: SQSRecord): Promise<boolean> {
  try {
    const { correlationId, ...ref } = parseProcessMessage(body);
    const fields = { correlationId, sourceUuid: ref.sourceUuid };
    const failed = await withLogFields(fields, () => failDeadLetter(ports, ref));
    if (failed.outcome === 'again') await queue.returnAfter(receiptHandle, failed.afterSeconds);
    return failed.outcome === 'done';
  } catch (error) {
    // Names no source, so nobody waits for it, and it would come back for two weeks.
    const dropped = error instanceof ProcessMessageError;
    log.error(dropped ? 'dead-letter-dropped' : 'dead-letter-left', { messageId, error });
    return dropped;
  }
}
