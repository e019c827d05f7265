import { createApp } from '../lib/app.ts';
import { lintTemplates } from '../lib/lint-templates.ts';

/** Lints the templates in the folder that is given, or else synthesizes first. Warnings are shown, errors end it with 1. */
const dir = process.argv[2] ?? createApp().synth().directory;
const findings = lintTemplates(dir);
for (const { severity, rule, message, at } of findings) {
  console.log(`${severity} ${rule}: ${message}`);
  for (const place of at) console.log(`  ${place}`);
}
const errors = findings.filter(({ severity }) => severity === 'error').length;
console.log(`${dir}: ${errors} errors, ${findings.length - errors} warnings.`);
process.exitCode = errors > 0 ? 1 : 0;
