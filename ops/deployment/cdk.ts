import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { OperationError } from '../command.ts';
import type { AwsTarget } from '../service/target.ts';

/** The command line of the CDK, as this repository has it. */
export interface Cdk {
  /**
   * Its output is shown as it comes.
   * @param region MUST be the one that a person was told: left to itself the CDK finds another one than our calls of AWS do,
   * where `AWS_DEFAULT_REGION` and the profile differ.
   * @returns the exit code. @throws OperationError `cdk-failed` where it does not start
   */
  run(args: readonly string[], region: string): Promise<number>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../../node_modules/aws-cdk/bin/cdk', import.meta.url));

/** @param script another one for the tests. */
export function createCdk({ profile }: AwsTarget, script = SCRIPT): Cdk {
  return {
    async run(args, region) {
      const child = spawn(
        process.execPath,
        [script, ...args, ...(profile === undefined ? [] : ['--profile', profile])],
        {
          cwd: ROOT,
          stdio: 'inherit',
          // The stacks name no region: they go where the environment says.
          env: { ...process.env, AWS_REGION: region, AWS_DEFAULT_REGION: region },
        },
      );
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      child.once('error', reject);
      // Ended by a signal: Ctrl-C reached it as well.
      child.once('exit', (code) => resolve(code ?? 130));
      return await promise.catch((cause) => {
        throw new OperationError('cdk-failed', `The CDK does not start: ${cause.message}. Run npm ci first.`, {
          cause,
        });
      });
    },
  };
}

export function deployCommand(options: {
  readonly ask: boolean;
  readonly context: readonly string[];
  readonly outputsFile: string;
}): string[] {
  const approval = options.ask ? 'broadening' : 'never';
  return ['deploy', '--all', '--require-approval', approval, '--outputs-file', options.outputsFile, ...flags(options)];
}

export function destroyCommand(options: { readonly context: readonly string[] }): string[] {
  return ['destroy', '--all', '--force', ...flags(options)];
}

export function bootstrapCommand(account: string, region: string): string[] {
  return ['bootstrap', `aws://${account}/${region}`];
}

function flags({ context }: { readonly context: readonly string[] }): string[] {
  return context.flatMap((assignment) => ['-c', assignment]);
}

/** As it would be typed. */
export function shown(args: readonly string[], { profile, region }: AwsTarget): string {
  const words = ['npx', 'cdk', ...args, ...(profile === undefined ? [] : ['--profile', profile])].map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`,
  );
  return `${region === undefined ? '' : `AWS_REGION=${region} `}${words.join(' ')}`;
}
