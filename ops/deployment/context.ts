import { readFileSync } from 'node:fs';

/** Of the values that whoever deploys may choose: all in cdk.json but the feature flags of the CDK itself. */
export function contextNames(): string[] {
  return Object.keys(contextOfCdkJson()).filter((name) => !name.startsWith('@'));
}

/** @param given `name=value` each; the last one counts, and goes over cdk.json. */
export function contextValue(name: string, given: readonly string[]): unknown {
  const assignment = given.findLast((each) => each.startsWith(`${name}=`));
  return assignment === undefined ? contextOfCdkJson()[name] : assignment.slice(name.length + 1);
}

function contextOfCdkJson(): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')).context;
}
