import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { eventSourceMapping, functionName, lambdaFunction } from '../template/types/lambda.ts';
import { queue } from '../template/types/sqs.ts';

export interface EventSourceDeclaration {
  readonly functionName: string;
  readonly queueArn: string;
  readonly queueName: string;
  readonly batchSize: number;
  readonly maximumBatchingWindowMs: number;
  readonly maximumConcurrency: number;
  readonly reportBatchItemFailures: boolean;
}

/** SQS's own visibility time-out where the queue declares none. */
const DEFAULT_VISIBILITY_S = 30;

/** AWS goes far higher; one machine has as many processes as it can bear. */
const DEFAULT_CONCURRENCY = 10;

/** The queues that functions are fed from. */
export function eventSourceDeclarations(template: Template): EventSourceDeclaration[] {
  const queuesByArn = new Map(template.of(queue).map((each) => [queue.attributes.Arn!(each), each]));
  const functions = new Map(template.of(lambdaFunction).map((each) => [each.ref, each]));
  return template
    .of(eventSourceMapping)
    .filter(({ properties }) => properties.Enabled)
    .map(({ properties, path }) => {
      const source = queuesByArn.get(properties.EventSourceArn);
      if (!source)
        throw new TemplateError(
          'unknown-reference',
          `${path}/Properties/EventSourceArn`,
          'only queues of the app feed functions here',
        );
      const target = functions.get(functionName(properties.FunctionName));
      if (!target) throw new TemplateError('unknown-reference', `${path}/Properties/FunctionName`, 'no such function');
      // Lambda refuses the mapping otherwise: a delivery would come again while the function still works on it.
      if ((source.properties.VisibilityTimeout ?? DEFAULT_VISIBILITY_S) < target.properties.Timeout) {
        throw new TemplateError(
          'invalid-property',
          `${source.path}/Properties/VisibilityTimeout`,
          `is less than the timeout of ${target.ref}`,
        );
      }
      return {
        functionName: target.ref,
        queueArn: properties.EventSourceArn,
        queueName: queue.attributes.QueueName!(source) as string,
        batchSize: properties.BatchSize,
        maximumBatchingWindowMs: properties.MaximumBatchingWindowInSeconds * 1000,
        maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
        reportBatchItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      };
    });
}
