import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { systemClock } from '../adapters/clock.ts';
import { withLogFields } from '../adapters/log.ts';
import { flushing } from '../adapters/metrics.ts';
import { parseProcessMessage } from '../adapters/sqs/process-message.ts';
import { processSource } from '../app/process-source.ts';
import * as wire from './wiring.ts';

const metrics = wire.metrics();
const queue = wire.queue();
const files = wire.files();
const ports = {
  sources: wire.sources(),
  files,
  bus: wire.bus(),
  subscribers: wire.subscribers(),
  fetcher: wire.fetcher(),
  processor: await wire.processor(files),
  clock: systemClock,
  log: wire.log(),
  metrics,
};

/** The process queue: a delivery that is not done goes back, and comes again when it can be worked on. */
export const handler = flushing(metrics, async (event: SQSEvent): Promise<SQSBatchResponse> => {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { messageId, receiptHandle, body, attributes } of event.Records) {
    const receives = Number(attributes.ApproximateReceiveCount);
    const { correlationId, ...ref } = parseProcessMessage(body);
    const fields = { correlationId, sourceUuid: ref.sourceUuid };
    const processed = await withLogFields(fields, () => processSource(ports, ref, receives));
    if (processed.outcome === 'done') continue;
    await queue.returnAfter(receiptHandle, processed.afterSeconds);
    batchItemFailures.push({ itemIdentifier: messageId });
  }
  return { batchItemFailures };
});
