import { FUZZ_HELP, parseFuzzArguments, UsageError } from './arguments.ts';

/** Loaded late: a wrong option is said at once. @returns the exit code. */
async function main(): Promise<number> {
  const options = parseFuzzArguments(process.argv.slice(2));
  switch (options.command) {
    case 'help':
      console.log(FUZZ_HELP);
      return 0;
    case 'bodies':
      return await (await import('./bodies/run-bodies.ts')).runBodies(options);
    case 'documents':
      return await (await import('./documents/run-documents.ts')).runDocuments(options);
    case 'hostile':
      return await (await import('./hostile/run-hostile.ts')).runHostile(options);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message} Try: npm run fuzz -- --help`);
  process.exitCode = 2;
}
