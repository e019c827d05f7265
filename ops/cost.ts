import { OperationError, runCommand } from './command.ts';
import { COST_HELP, parseCostArguments } from './cost/arguments.ts';
import { contextNames } from './deployment/context.ts';

async function main(): Promise<void> {
  const given = parseCostArguments(process.argv.slice(2), contextNames());
  if (given === undefined) return console.log(COST_HELP);
  // Loaded late: a wrong option is said at once.
  const [{ readTemplates }, { readFacts }, { estimate }, { reportOf }, { PRICES, PRICES_AS_OF, PRICES_REGION }] =
    await Promise.all([
      import('./cost/templates.ts'),
      import('./cost/facts.ts'),
      import('./cost/estimate.ts'),
      import('./cost/report.ts'),
      import('./cost/prices.ts'),
    ]);
  const estimated = estimate(readFacts(await readTemplates(given.context)), given.usage, given);
  const prices = { region: PRICES_REGION, asOf: PRICES_AS_OF, of: PRICES };
  console.log(given.json ? JSON.stringify({ ...estimated, prices }, undefined, 2) : reportOf(estimated));
  if (given.check && !(estimated.met.idle && estimated.met.million)) {
    throw new OperationError('over-target', 'It costs more than it is meant to: what would make it cheaper is above.');
  }
}

await runCommand('cost', main);
