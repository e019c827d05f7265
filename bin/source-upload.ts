import { createApp } from '../lib/app.ts';
import { SettingError } from '../lib/setting-error.ts';

try {
  createApp().synth();
} catch (error) {
  if (!(error instanceof SettingError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
