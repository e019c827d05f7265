import { runCommand } from './command.ts';
import { parseRedriveArguments, REDRIVE_HELP } from './redrive/arguments.ts';

async function main(): Promise<void> {
  const given = parseRedriveArguments(process.argv.slice(2));
  if (given.command === 'help') return console.log(REDRIVE_HELP);
  // Loaded late: a wrong option is said at once.
  const [{ withService }, { countDeadLetters, redrive }] = await Promise.all([
    import('./service/find-service.ts'),
    import('./redrive/redrive.ts'),
  ]);
  await withService(given.target, async (service) => {
    const { waiting, inFlight } = await countDeadLetters(service);
    console.log(`Dead letters of ${service.name}: ${waiting} waiting, ${inFlight} being dealt with.`);
    if (given.dryRun) return;
    const { moved, left } = await redrive(service, given.most);
    console.log(`${moved} moved to the queue of accepted sources.`);
    for (const body of left) console.log(`Left, since it names no source: ${body}`);
  });
}

await runCommand('redrive', main);
