import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consoleLog } from '../../local/log.ts';
import {
  CHAOS_HELP,
  type ChaosArguments,
  parseChaosArguments,
  UsageError,
  type WakeUpsArguments,
} from './arguments.ts';

/** Loaded late: a wrong option is said at once. */
async function main(): Promise<number> {
  const options = parseChaosArguments(process.argv.slice(2), () => Math.floor(Math.random() * 2 ** 31));
  switch (options.command) {
    case 'help':
      console.log(CHAOS_HELP);
      return 0;
    case 'uploads':
      return await uploads(options, interruption());
    case 'wake-ups':
      return await wakeUps(options, interruption());
  }
}

/** The first Ctrl-C ends the run in order, the second one at once. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  process.on('SIGINT', () => {
    if (stop.signal.aborted) process.exit(130);
    console.log('\nStopping; once more to stop at once.');
    stop.abort();
  });
  process.on('SIGTERM', () => stop.abort());
  return stop.signal;
}

async function uploads(options: ChaosArguments, signal: AbortSignal): Promise<number> {
  const { runChaos } = await import('./run/run-chaos.ts');
  const { lineOf } = await import('./history.ts');
  const { reportOf, violationLines } = await import('./run/report.ts');
  const result = await runChaos({ ...options, signal, say: (line) => console.log(line) });
  const { violations } = result.verdict;
  const report = reportOf(result, options);
  console.log(`\n${report.join('\n')}`);
  const details = violations.flatMap((violation) => ['', ...violationLines(violation, result.history.records)]);
  console.log(details.slice(0, 400).join('\n'));
  const isGood = violations.length === 0 && result.end === 'complete' && result.quiet.busy.length === 0;
  if (!isGood || options.out !== undefined) {
    const out = options.out ?? (await mkdtemp(join(tmpdir(), 'source-upload-chaos-history-')));
    await mkdir(out, { recursive: true });
    await writeFile(join(out, 'report.txt'), [...report, ...details, ''].join('\n'));
    if (options.out === undefined)
      await writeFile(join(out, 'history.txt'), `${result.history.records.map(lineOf).join('\n')}\n`);
    const stored = [...result.state.sources.values(), ...result.state.closed];
    await writeFile(join(out, 'stored.txt'), stored.map((each) => JSON.stringify(each)).join('\n'));
    console.log(`\nThe history and the report are in ${out}`);
  }
  if (signal.aborted) return 130;
  return isGood ? 0 : 1;
}

async function wakeUps({ bursts, seed, redis: prefer, naive }: WakeUpsArguments, signal: AbortSignal): Promise<number> {
  const { startRedis } = await import('../../local/redis/start-redis.ts');
  const { runWakeUps } = await import('./wake-ups.ts');
  const stateDir = await mkdtemp(join(tmpdir(), 'source-upload-wake-ups-'));
  const beganAt = Date.now();
  try {
    await using redis = await startRedis({ prefer, env: process.env, stateDir, log: consoleLog() });
    console.log(`${bursts} bursts, seed ${seed}, ${redis.description}${naive ? ', with the naive exit' : ''}`);
    const { failures, stranded, overdue, ...counts } = await runWakeUps({
      redisUrl: redis.url,
      bursts,
      seed,
      naive,
      signal,
      // All in this process, and its Lua in JavaScript: more of them only wait for each other.
      ...(prefer === 'embedded' && { shards: 8 }),
      onProgress: (done) => console.log(`${done} bursts, ${Math.round((Date.now() - beganAt) / 1000)} s`),
    });
    console.log(`\n${JSON.stringify(counts)}, stranded: ${stranded}${overdue > 0 ? `, overdue: ${overdue}` : ''}`);
    for (const failure of failures) console.error('A subscriber ended with', failure);
    if (signal.aborted) return 130;
    return stranded + overdue + failures.length === 0 ? 0 : 1;
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message} Try: npm run chaos -- --help`);
  process.exitCode = 2;
}
