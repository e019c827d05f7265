import { RootConstruct } from 'constructs';
import { contextOfCdkJson } from '../lib/cdk-json.ts';
import { SettingError } from '../lib/setting-error.ts';
import { readSettings } from '../lib/settings.ts';

/**
 * Judges the context values as the app does, and makes nothing of them: within a blink, before anything is asked of an account.
 * Takes them where the command line of the CDK gives them to an app, and ends like it: with 2 and one sentence.
 */
const { node } = new RootConstruct();
const given = JSON.parse(process.env.CDK_CONTEXT_JSON ?? '{}');
for (const [name, value] of Object.entries({ ...contextOfCdkJson(), ...given })) node.setContext(name, value);
try {
  readSettings(node);
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
