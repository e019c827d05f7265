import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CloudFormationValidatePlugin } from 'aws-cdk-lib';

export interface Finding {
  readonly severity: 'error' | 'warning';
  /** The rule's number in cfn-lint, whose rules these are. */
  readonly rule: string;
  readonly message: string;
  /** `<template>: <logical id>` of everything that it is found at. */
  readonly at: readonly string[];
}

/**
 * Lints the templates of a synthesized app with AWS's own linter for CloudFormation, which comes inside of aws-cdk-lib
 * and works offline: the resource schemas of the registry, references, intrinsic functions, limits and best practices.
 */
export function lintTemplates(dir: string): Finding[] {
  const templates = readdirSync(dir)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => resolve(join(dir, file)));
  if (templates.length === 0) throw new Error(`There is no template in ${dir}.`);
  const anywhere = { accountId: undefined, region: undefined };
  const { violations } = new CloudFormationValidatePlugin().validate({
    templatePaths: templates,
    stackTemplates: templates.map((templatePath) => ({ stackConstructPath: templatePath, templatePath, ...anywhere })),
    // The app itself is for rules that look at constructs; this one reads nothing but the files.
    get appConstruct(): never {
      throw new Error('The linter works on templates only.');
    },
  });
  return violations.map((violation) => ({
    severity: violation.severity === 'warning' ? 'warning' : 'error',
    rule: violation.ruleName,
    message: violation.description,
    at: violation.violatingResources.map(
      ({ templatePath, resourceLogicalId }) => `${templatePath ?? dir}: ${resourceLogicalId ?? 'template'}`,
    ),
  }));
}
