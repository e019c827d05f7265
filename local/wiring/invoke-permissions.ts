import { wildcard } from '../iam/wildcard.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { functionName, permission } from '../template/types/lambda.ts';

/** One call that a service wants to make of a function. */
export interface ServiceCall {
  readonly principal: 'apigateway.amazonaws.com' | 'events.amazonaws.com' | 'secretsmanager.amazonaws.com';
  readonly functionName: string;
  readonly sourceArn: string;
  /** Of the resource that makes the call. */
  readonly path: string;
}

/** Throws where no `AWS::Lambda::Permission` allows the call: deployed, it would fail each time it is made. */
export function requirePermission(
  template: Template,
  { principal, functionName: name, sourceArn, path }: ServiceCall,
): void {
  const allowed = template
    .of(permission)
    .some(
      ({ properties }) =>
        properties.Action === 'lambda:InvokeFunction' &&
        properties.Principal === principal &&
        functionName(properties.FunctionName) === name &&
        (properties.SourceArn === undefined || wildcard(properties.SourceArn).test(sourceArn)),
    );
  if (!allowed) {
    throw new TemplateError(
      'missing-permission',
      path,
      `no AWS::Lambda::Permission lets ${principal} invoke ${name} for ${sourceArn}`,
    );
  }
}
