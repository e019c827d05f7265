import { readFileSync } from 'node:fs';

/** The defaults of all context values. */
export function contextOfCdkJson(): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8')).context;
}
