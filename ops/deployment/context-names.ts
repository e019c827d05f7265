import { readFileSync } from 'node:fs';

/** Of the values that whoever deploys may choose: all in cdk.json but the feature flags of the CDK itself. */
export function contextNames(): string[] {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  return Object.keys(context).filter((name) => !name.startsWith('@'));
}
