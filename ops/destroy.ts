import { createInterface } from 'node:readline/promises';
import { runCommand } from './command.ts';
import { DESTROY_HELP, parseDestroyArguments } from './deployment/arguments.ts';
import { contextNames } from './deployment/context.ts';

async function main(): Promise<void> {
  const given = parseDestroyArguments(process.argv.slice(2), contextNames());
  if (given === undefined) return console.log(DESTROY_HELP);
  // Loaded late: a wrong option is said at once.
  const [{ createAccount }, { createCdk }, { destroy }] = await Promise.all([
    import('./deployment/account.ts'),
    import('./deployment/cdk.ts'),
    import('./deployment/destroy.ts'),
  ]);
  const parts = { account: createAccount(given.target), cdk: createCdk(given.target), print: console.log, ask };
  await destroy(parts, given);
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

await runCommand('destroy', main);
