import { OperationError } from '../command.ts';
import { STATE_STACK } from '../service/service.ts';
import { awsOptions } from '../service/target.ts';
import type { Account, KeptResource } from './account.ts';
import type { DestroyArguments } from './arguments.ts';
import { type Cdk, destroyCommand, shown } from './cdk.ts';
import { requireSettings } from './settings.ts';

/** How CloudFormation begins its name: `lib/constructs/gateway-logs.ts` keeps it. Each deployment after a deletion makes another. */
export const KEPT_ROLE = 'SourceUploadApi-GatewayLogsRole';

export interface DestroyParts {
  readonly account: Account;
  readonly cdk: Cdk;
  readonly print: (line: string) => void;
  /** @returns what a person answers; undefined where nobody can be asked. */
  readonly ask: (question: string) => Promise<string | undefined>;
}

/** @throws OperationError, whose message says what to do. @throws UsageError for a context value that makes no sense */
export async function destroy({ account, cdk, print, ask }: DestroyParts, given: DestroyArguments): Promise<void> {
  const command = destroyCommand(given);
  await requireSettings(given.context);
  if (given.dryRun) return print(`Would run, after asking: ${shown(command, given.target)}`);
  const place = await account.place();
  const kept = await account.keptResources();
  print(`Deletes the service from account ${place.account}, region ${place.region}. Its data is kept:`);
  for (const { type, name } of kept) print(`  ${type} ${name}`);
  if (kept.length === 0)
    print(`  there is none, or an earlier run has let go of it: look for tables named ${STATE_STACK}-…`);
  const name = `${place.account}/${place.region}`;
  if (!given.yes) requireYes(name, await ask(`Type <account>/<region> to go on: `));
  const code = await cdk.run(command, place.region);
  // Also where not all is done: a later run does not find the names any more.
  if (kept.length > 0) print(howToDelete(kept, awsOptions(given.target)));
  print(
    `The role ${KEPT_ROLE}… is kept too, and costs nothing: all APIs of the account in ${place.region} write their logs with it. One of this name may be deleted if it is not the one that this tells: aws apigateway get-account${awsOptions(given.target)}`,
  );
  if (code !== 0) {
    throw new OperationError(
      'cdk-failed',
      `Not everything was deleted (exit code ${code}); the reason is above. Functions in a VPC keep its subnets busy for up to 40 minutes: run the same command again then.`,
    );
  }
  print('\nDeleted.');
}

function requireYes(name: string, answer: string | undefined): void {
  if (answer?.trim() === name) return;
  throw new OperationError(
    'not-confirmed',
    answer === undefined
      ? 'Nothing was deleted: nobody can be asked here. Pass --yes if it is meant.'
      : `Nothing was deleted: that is not ${name}.`,
  );
}

function howToDelete(kept: readonly KeptResource[], options: string): string {
  const commands = kept.map(({ type, name }) =>
    type === 'table'
      ? `  aws dynamodb update-table --no-deletion-protection-enabled --table-name ${name}${options} && aws dynamodb delete-table --table-name ${name}${options}`
      : `  aws s3 rb --force s3://${name}${options}`,
  );
  return `\nWhat was kept goes on costing a little, and a later deployment makes new ones beside it. To delete it as well, for good:\n\n${commands.join('\n')}\n`;
}
