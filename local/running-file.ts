import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What another command has to know of the service that runs on a state folder. */
const running = z.object({
  pid: z.number(),
  url: z.string(),
  lambdaUrl: z.string(),
  /** By their names for people. */
  functions: z.record(z.string(), z.string()),
});

export type Running = z.infer<typeof running>;

const NAME = 'running.json';

export async function writeRunning(stateDir: string, facts: Running): Promise<AsyncDisposable> {
  const path = join(stateDir, NAME);
  await writeFile(path, JSON.stringify(facts, undefined, 2));
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** @returns undefined when nothing runs there. What a killed service left says otherwise: ask its lock first. */
export async function readRunning(stateDir: string): Promise<Running | undefined> {
  try {
    return running.parse(JSON.parse(await readFile(join(stateDir, NAME), 'utf8')));
  } catch {
    return undefined;
  }
}
