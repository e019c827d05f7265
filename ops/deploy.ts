import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import { DEPLOY_HELP, parseDeployArguments } from './deployment/arguments.ts';
import { contextNames } from './deployment/context.ts';

const OUTPUTS_FILE = fileURLToPath(new URL('../.build/outputs.json', import.meta.url));

async function main(): Promise<void> {
  const given = parseDeployArguments(process.argv.slice(2), contextNames());
  if (given === undefined) return console.log(DEPLOY_HELP);
  // Loaded late: a wrong option is said at once.
  const [{ createAccount }, { createCdk }, { deploy }] = await Promise.all([
    import('./deployment/account.ts'),
    import('./deployment/cdk.ts'),
    import('./deployment/deploy.ts'),
  ]);
  const parts = { account: createAccount(given.target), cdk: createCdk(given.target), print: console.log };
  await deploy({ ...parts, outputsFile: OUTPUTS_FILE }, given);
}

await runCommand('deploy', main);
