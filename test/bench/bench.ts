import { BENCH_HELP, parseBenchArguments, UsageError } from './arguments.ts';

/** Measures, and prints what a person reads. Loaded late: a wrong option is said at once. */
async function main(): Promise<void> {
  const options = parseBenchArguments(process.argv.slice(2));
  switch (options.command) {
    case 'help':
      return console.log(BENCH_HELP);
    case 'latency':
      return await (await import('./latency.ts')).benchLatency(options);
    case 'startup':
      return await (await import('./startup.ts')).benchStartup(options);
    case 'extract':
      return await (await import('./extract.ts')).benchExtract(options);
    case 'fetch':
      return await (await import('./fetch.ts')).benchFetch(options);
    case 'sizes':
      return (await import('./sizes.ts')).benchSizes();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message} Try: npm run bench -- --help`);
  process.exitCode = 2;
}
