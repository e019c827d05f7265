import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../command.ts';

const SCRIPT = fileURLToPath(new URL('../../bin/check-settings.ts', import.meta.url));

/** How it ends where a context value makes no sense, with one sentence. */
const REFUSED = 2;

/**
 * To be called before an account is asked anything: the CDK would judge the same values, but after the account was prepared for it.
 * @param context `name=value` each; the last one counts.
 * @throws UsageError with the sentence of the app
 */
export async function requireSettings(context: readonly string[]): Promise<void> {
  const given = context.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]);
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(Object.fromEntries(given)) };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  execFile(process.execPath, [SCRIPT], { env }, (error, _, errors) => {
    if (error === null) return resolve();
    reject(error.code === REFUSED ? new UsageError(errors.trim(), { cause: error }) : error);
  });
  await promise;
}
