import { AccessControl } from '../iam/access-control.ts';
import { grantFinder } from '../iam/grants.ts';
import type { Permission } from '../iam/policy.ts';
import type { LocalLog } from '../log.ts';
import { arn, type Resource } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { managedPolicy, type PolicyStatement, policy, role } from '../template/types/iam.ts';
import { eventSourceMapping, type FunctionProperties, functionName, lambdaFunction } from '../template/types/lambda.ts';
import { serviceFunctions } from './functions.ts';
import { friendlyResource } from './resource-names.ts';

type Role = ReturnType<typeof roles>[number];

const roles = (template: Template) => template.of(role);

/** The name under which the poller of a queue calls, with the role of the function that it feeds. */
export function eventSourcePrincipal(name: string): string {
  return `${name}/event-source`;
}

/**
 * What each function may do is what the template says of its role.
 * @throws TemplateError where Lambda would refuse the role, or a statement cannot be followed here.
 */
export function createAccessControl(template: Template, log: LocalLog): AccessControl {
  const { environment } = template;
  const grantFor = grantFinder((resource) => friendlyResource(template, resource));
  const access = new AccessControl({ environment, log, grantFor });
  for (const resource of serviceFunctions(template)) {
    attach(access, template, resource);
    requirePermissions(access, template, resource);
  }
  return access;
}

function attach(access: AccessControl, template: Template, resource: Resource<FunctionProperties>): void {
  const own = roleOf(template, resource);
  const identity = { functionName: resource.ref, roleName: own.ref, statements: statementsOf(template, own) };
  const sourceFunctionArn = lambdaFunction.attributes.Arn!(resource) as string;
  // The loopback address stands for the encrypted connection that it is on AWS.
  const context = { 'aws:securetransport': 'true' };
  try {
    access.attach(resource.ref, {
      ...identity,
      context: { ...context, 'lambda:sourcefunctionarn': sourceFunctionArn },
    });
    // Lambda itself, with the function's role: it is not the function's code that calls.
    access.attach(eventSourcePrincipal(resource.ref), { ...identity, context });
  } catch (cause) {
    throw new TemplateError('unsupported-property', own.path, (cause as Error).message, { cause });
  }
}

function roleOf(template: Template, { properties, path }: Resource<FunctionProperties>): Role {
  const found = roles(template).find((each) => role.attributes.Arn!(each) === properties.Role);
  if (found) return found;
  throw new TemplateError('unknown-reference', `${path}/Properties/Role`, `${properties.Role} is no role of the app`);
}

function statementsOf(template: Template, { ref, properties, path }: Role): PolicyStatement[] {
  if (properties.ManagedPolicyArns.length > 0) {
    const at = `${path}/Properties/ManagedPolicyArns`;
    throw new TemplateError('unsupported-property', at, 'what a policy of AWS allows is not known here');
  }
  const attached = [...template.of(policy), ...template.of(managedPolicy)].filter((each) =>
    each.properties.Roles.includes(ref),
  );
  const documents = [...properties.Policies, ...attached.map((each) => each.properties)];
  return documents.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** AWS refuses to make a function, or what feeds it, whose role does not allow what Lambda does with it. */
function requirePermissions(access: AccessControl, template: Template, resource: Resource<FunctionProperties>): void {
  const refusal = access.refusalOf(
    { name: eventSourcePrincipal(resource.ref) },
    permissionsOfLambda(template, resource),
  );
  if (!refusal) return;
  const { action, resource: target } = refusal.permission;
  throw new TemplateError(
    'missing-permission',
    `${resource.path}/Properties/Role`,
    `the role does not allow ${action} on ${target}, which Lambda needs for ${resource.ref}`,
  );
}

/**
 * What Lambda does with the role of a function, beside what the function's code does.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 */
export function permissionsOfLambda(
  template: Template,
  { properties, ref }: Resource<FunctionProperties>,
): Permission[] {
  const group = properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${ref}`;
  const logStream = arn(template, 'logs', `log-group:${group}:log-stream:stream`);
  const queues = template
    .of(eventSourceMapping)
    .filter(({ properties: { Enabled, FunctionName } }) => Enabled && functionName(FunctionName) === ref)
    .map(({ properties: { EventSourceArn } }) => EventSourceArn);
  return [
    ...permissions(['logs:CreateLogStream', 'logs:PutLogEvents'], [logStream]),
    ...(properties.TracingConfig?.Mode === 'Active' ? permissions(TRACING, ['*']) : []),
    ...(properties.VpcConfig ? permissions(NETWORK_INTERFACES, ['*']) : []),
    ...permissions(POLLING, queues),
  ];
}

const TRACING = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

const POLLING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

function permissions(actions: readonly string[], resources: readonly string[]): Permission[] {
  return resources.flatMap((resource) => actions.map((action) => ({ action, resource })));
}
