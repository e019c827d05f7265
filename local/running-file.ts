import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What another command has to know of the service that runs on a state folder. */
export interface Running {
  readonly pid: number;
  readonly url: string;
  readonly lambdaUrl: string;
  /** Takes the commands of `npm run fault`. */
  readonly faultsUrl: string;
  readonly dynamodbUrl: string;
  readonly sqsUrl: string;
  /** Of the template, by stack and name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By their names for people. */
  readonly functions: Readonly<Record<string, string>>;
}

const NAME = 'running.json';

export async function writeRunning(stateDir: string, facts: Running): Promise<AsyncDisposable> {
  const path = join(stateDir, NAME);
  await writeFile(path, JSON.stringify(facts, undefined, 2));
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** @returns undefined when nothing runs there. What a killed service left says otherwise: ask its lock first. */
export async function readRunning(stateDir: string): Promise<Running | undefined> {
  try {
    return JSON.parse(await readFile(join(stateDir, NAME), 'utf8')) as Running;
  } catch {
    return undefined;
  }
}
