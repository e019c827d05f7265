import { percentile } from '../../bench/figures.ts';
import type { ChaosArguments } from '../arguments.ts';
import { type HistoryRecord, lineOf } from '../history.ts';
import { acceptedAt, isRefused, observe } from '../judge/observed.ts';
import { seenTerminals } from '../judge/terminals.ts';
import { INVARIANTS, type Violation } from '../judge/violation.ts';
import type { ChaosResult } from './run-chaos.ts';

/** What a person reads: how much there was of everything, and which promises held. */
export function reportOf(result: ChaosResult, options: ChaosArguments): string[] {
  const { verdict, end, milliseconds, redis, quiet, hidden, machine } = result;
  return [
    `${options.uploads} uploads on ${options.channels} channels, seed ${options.seed}, ${redis}`,
    `${end}, after ${(milliseconds / 60_000).toFixed(1)} min`,
    `${machine.perCore.toFixed(1)} processes wanted to run on each core; the runtime itself was ${machine.lateP99.toFixed(0)} ms late (p99), ${machine.lateMax.toFixed(0)} ms at the worst`,
    ...(quiet.busy.length > 0 ? [`It did not become quiet: ${quiet.busy.join(', ')}`] : []),
    ...(hidden > 0 ? [`${hidden} messages of killed workers are hidden until their time-out: not waited for`] : []),
    '',
    ...sourceLines(result),
    '',
    ...faultLines(result, options),
    '',
    ...timeLines(result),
    '',
    ...Object.entries(INVARIANTS).map(([id, promise]) => {
      const broken = verdict.violations.filter(({ invariant }) => invariant === id).length;
      return `${broken === 0 ? 'held  ' : 'BROKEN'} ${id} ${promise}${broken === 0 ? '' : `: ${broken} times`}`;
    }),
  ];
}

function sourceLines({ history, state, counts }: ChaosResult): string[] {
  const observed = observe(history.records);
  const sources = [...observed.sources.values()];
  const sockets = [...observed.channels.values()].flatMap((channel) => channel.sockets);
  const told = seenTerminals(observed);
  const stored = [...state.sources.values()];
  const ends = new Map<string, number>();
  for (const { terminal } of stored) {
    const end = terminal === undefined ? 'none' : terminal.status === 'success' ? 'success' : terminal.code;
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  const repeated = sources.filter(({ requests }) => requests.length > 1).length;
  return table([
    ['sources sent', sources.length],
    ['  answered 200', sources.filter((source) => acceptedAt(source) !== undefined).length],
    ['  refused', sources.filter(isRefused).length],
    ['  sent more than once', repeated],
    ['  uploaded anew by a repeat', stored.filter(({ generation }) => generation > 1).length],
    ['  told by a socket', told.size],
    ...[...ends].map(([end, count]): [string, number] => [`  end: ${end}`, count]),
    ['sockets opened', sockets.filter(({ connectedAt }) => connectedAt !== undefined).length],
    ['  handshakes that failed', sockets.filter(({ refused }) => refused !== undefined).length],
    ['  messages received', sockets.reduce((sum, { frames }) => sum + frames.length, 0)],
    ...counts
      .all()
      .filter(([name]) => /gaps|closed with|sockets that|fresh sockets/.test(name))
      .map(indented),
  ]);
}

function faultLines({ counts, log, functions, state }: ChaosResult, options: ChaosArguments): string[] {
  const killed = (name: string) => log.killed.get(functions.get(name) ?? '') ?? 0;
  const invocations = (name: string) => log.invocations.get(functions.get(name) ?? '') ?? 0;
  const share = (100 * killed('process')) / Math.max(1, invocations('process'));
  const attempts = [...state.sources.values()].reduce((sum, { attempt }) => sum + attempt, 0);
  const others = [...functions.keys()].filter(
    (name) => name !== 'subscriber' && name !== 'process' && killed(name) > 0,
  );
  return table([
    ['faults', 'reached', 'wanted'],
    ['subscribers killed while they ran', killed('subscriber'), options.subscriberKills],
    ['processing killed while it ran', killed('process')],
    ['  of invocations', invocations('process')],
    ['  per cent', share.toFixed(1), (100 * options.processKills).toFixed(1)],
    ['  attempts in the store', attempts],
    ['Redis killed', counts.of('redis kill'), options.redis === 'server' ? options.redisKills : 0],
    ['Redis lost everything', counts.of('redis lose'), options.redisLosses],
    ['Redis stopped for a while', counts.of('redis stopped')],
    ['all sockets cut', counts.of('sockets dropped'), options.socketDrops],
    ['  sockets that this hit', counts.of('sockets cut')],
    ['bursts of faulty calls', counts.of('burst')],
    ['  calls hit', counts.of('calls hit')],
    ...others.map((name): [string, number] => [`${name} killed while it ran`, killed(name)]),
  ]);
}

function timeLines({ verdict }: ChaosResult): string[] {
  const { sinceAccepted, sinceCalm } = verdict.arrivals;
  const row = (name: string, values: readonly number[]): (string | number)[] => {
    if (values.length === 0) return [name, 0];
    const figure = (share: number) => (percentile([...values], share) / 1000).toFixed(2);
    return [name, values.length, figure(0.5), figure(0.99), (Math.max(...values) / 1000).toFixed(2)];
  };
  return table([
    ['seconds to the end on a socket', 'sources', 'p50', 'p99', 'max'],
    row('from the 200', sinceAccepted),
    row('from the last fault, where that or the socket was later', sinceCalm),
  ]);
}

/** One violation, with the lines of the history that are about it. */
export function violationLines(violation: Violation, records: readonly HistoryRecord[]): string[] {
  const { invariant, what, channel, source, socket } = violation;
  const where = [channel && `channel ${channel}`, source && `source ${source}`, socket && `socket ${socket}`];
  const excerpt = excerptOf(violation, records);
  return [
    `${invariant}: ${what.slice(0, 1000)}`,
    `   ${where.filter(Boolean).join(', ')}`,
    ...excerpt.slice(0, EXCERPT_LINES).map((record) => `   ${lineOf(record).slice(0, EXCERPT_WIDTH)}`),
    ...(excerpt.length > EXCERPT_LINES ? [`   … ${excerpt.length - EXCERPT_LINES} more`] : []),
  ];
}

const EXCERPT_LINES = 40;
const EXCERPT_WIDTH = 320;

function excerptOf({ channel, source, socket }: Violation, records: readonly HistoryRecord[]): HistoryRecord[] {
  const requests = new Set<number>();
  return records.filter((record) => {
    if (socket !== undefined && 'socket' in record && record.socket === socket) return true;
    if (record.kind === 'answer') return requests.has(record.request);
    if (record.kind === 'frame') return source !== undefined && record.text.includes(source);
    const isAbout =
      source !== undefined && record.kind === 'request'
        ? record.source === source
        : socket === undefined && 'channel' in record && record.channel === channel;
    if (isAbout && record.kind === 'request') requests.add(record.request);
    return isAbout;
  });
}

function indented([name, count]: [string, number]): [string, number] {
  return [`  ${name}`, count];
}

function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? String(cell).padEnd(widths[0]!) : String(cell).padStart(Math.max(widths[column] ?? 0, 8)),
      )
      .join('  '),
  );
}
