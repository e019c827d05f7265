import { parseRate } from '../eventbridge/schedule.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { rule } from '../template/types/events.ts';
import { functionName } from '../template/types/lambda.ts';
import { requirePermission } from './invoke-permissions.ts';

export interface ScheduleDeclaration {
  readonly rateMs: number;
  readonly functionName: string;
  readonly ruleArn: string;
  /** The target's own; undefined: the event that EventBridge makes. */
  readonly input?: unknown;
}

/** The enabled schedule rules of the template, one declaration for each target. */
export function scheduleDeclarations(template: Template): ScheduleDeclaration[] {
  return template.of(rule).flatMap((resource) => {
    const { ScheduleExpression, State, Targets } = resource.properties;
    const ruleArn = rule.attributes.Arn!(resource) as string;
    const rateMs = rate(ScheduleExpression, `${resource.path}/Properties/ScheduleExpression`);
    if (State === 'DISABLED') return [];
    return Targets.map(({ Arn, Input }) => {
      const name = functionName(Arn);
      const call = {
        principal: 'events.amazonaws.com',
        functionName: name,
        sourceArn: ruleArn,
        path: resource.path,
      } as const;
      requirePermission(template, call);
      return { rateMs, functionName: name, ruleArn, input: Input === undefined ? undefined : JSON.parse(Input) };
    });
  });
}

function rate(expression: string, path: string): number {
  try {
    return parseRate(expression);
  } catch (cause) {
    throw new TemplateError('invalid-property', path, (cause as Error).message, { cause });
  }
}
