import { z } from 'zod';
import { arn, generatedName, ignored, type ResourceType, resourceType } from '../resource-type.ts';

type ObservedType = ResourceType<Record<string, unknown>>;

/** Logs go to the terminal, and nobody is paged or traced on one machine. */
function observed(type: string, service: string, rest: string, nameProperty: string): ObservedType {
  return resourceType(type, {
    properties: z.record(z.string(), ignored('logs go to the terminal; nobody is paged or traced on one machine')),
    ref: ({ properties, ...resource }) => String(properties[nameProperty] ?? generatedName(resource, 255)),
    attributes: { Arn: (resource) => arn(resource, service, `${rest}${resource.ref}`) },
  });
}

/** What refers to a topic does so by its ARN. */
const topic: ObservedType = {
  ...observed('AWS::SNS::Topic', 'sns', '', 'TopicName'),
  ref: ({ properties, ...resource }) =>
    arn(resource, 'sns', String(properties.TopicName ?? generatedName(resource, 256))),
  attributes: { TopicArn: ({ ref }) => ref, TopicName: ({ ref }) => ref.split(':').at(-1) },
};

export const observabilityTypes: readonly ObservedType[] = [
  {
    ...observed('AWS::Logs::LogGroup', 'logs', 'log-group:', 'LogGroupName'),
    attributes: { Arn: (resource) => arn(resource, 'logs', `log-group:${resource.ref}:*`) },
  },
  observed('AWS::Logs::ResourcePolicy', 'logs', 'resource-policy:', 'PolicyName'),
  observed('AWS::Logs::MetricFilter', 'logs', 'metric-filter:', 'FilterName'),
  observed('AWS::CloudWatch::Alarm', 'cloudwatch', 'alarm:', 'AlarmName'),
  observed('AWS::CloudWatch::CompositeAlarm', 'cloudwatch', 'alarm:', 'AlarmName'),
  observed('AWS::CloudWatch::Dashboard', 'cloudwatch', 'dashboard/', 'DashboardName'),
  topic,
  observed('AWS::SNS::TopicPolicy', 'sns', '', 'Id'),
  observed('AWS::SNS::Subscription', 'sns', '', 'Id'),
  observed('AWS::XRay::SamplingRule', 'xray', 'sampling-rule/', 'RuleName'),
];
