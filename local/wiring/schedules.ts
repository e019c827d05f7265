import type { arn } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { rule } from '../template/types/events.ts';
import { functionName } from '../template/types/lambda.ts';
import { requirePermission } from './invoke-permissions.ts';

export interface ScheduleDeclaration {
  readonly rateMs: number;
  readonly functionName: string;
  /** The event that the function gets. */
  readonly input: unknown;
}

const UNIT_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** The enabled schedule rules of the template, one declaration for each target. */
export function scheduleDeclarations(template: Template): ScheduleDeclaration[] {
  return template.of(rule).flatMap((resource) => {
    const { ScheduleExpression, State, Targets } = resource.properties;
    const rateMs = parseRate(ScheduleExpression, `${resource.path}/Properties/ScheduleExpression`);
    const sourceArn = rule.attributes.Arn!(resource) as string;
    if (State === 'DISABLED') return [];
    return Targets.map(({ Arn, Input }) => {
      const target = functionName(Arn);
      requirePermission(template, {
        principal: 'events.amazonaws.com',
        functionName: target,
        sourceArn,
        path: resource.path,
      });
      const input = Input === undefined ? scheduledEvent(resource.environment, sourceArn) : JSON.parse(Input);
      return { rateMs, functionName: target, input };
    });
  });
}

/** @throws for `cron(…)`: no schedule of the service needs it so far. */
function parseRate(expression: string, path: string): number {
  const match = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (!match) throw new TemplateError('invalid-property', path, `${expression} is not supported by the local runtime`);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

function scheduledEvent({ accountId, region }: Parameters<typeof arn>[0]['environment'], ruleArn: string): object {
  const resources = [ruleArn];
  return {
    version: '0',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: accountId,
    region,
    resources,
    detail: {},
  };
}
