import type { Random } from '../random.ts';

/** How the client of one channel behaves, drawn once. */
export interface Behaviour {
  /** What it says when it connects again: the last event that it has, or nothing. */
  readonly style: 'last-event-id' | 'fresh';
  readonly sockets: 1 | 2;
  /** `late`: it comes back only when all may be over. */
  readonly connects: 'first' | 'after-uploads' | 'late';
  readonly acknowledges: boolean;
  /** Goes on after the last event of the round before, which gets it closed until there is a new one. */
  readonly carriesOn: boolean;
  /** Breaks its socket after so many of its messages, 0 to 1. */
  readonly leaves: number;
  /** Asks for what it has missed on a socket that is open, after so many of the messages. */
  readonly resumes: number;
  /** Between two pings; undefined: none. */
  readonly pingEveryMs?: number;
  /** The share of its sources of which it does not repeat the request. */
  readonly givesUp: number;
}

export function drawBehaviour(random: Random): Behaviour {
  const silent = random.chance(0.35);
  return {
    style: random.chance(0.7) ? 'last-event-id' : 'fresh',
    sockets: random.chance(0.15) ? 2 : 1,
    connects: random.chance(0.65) ? 'first' : random.chance(0.6) ? 'after-uploads' : 'late',
    acknowledges: !silent && random.chance(0.5),
    carriesOn: random.chance(0.3),
    leaves: random.chance(0.4) ? 0.08 : 0,
    resumes: !silent && random.chance(0.15) ? 0.1 : 0,
    ...(!silent && random.chance(0.3) && { pingEveryMs: random.between(5_000, 30_000) }), // 5 to 30 s
    givesUp: random.chance(0.3) ? 0.2 : 0,
  };
}

/** The sizes of the rounds of a channel, one after the other. */
export function drawRounds(random: Random, sources: number, mostAtOnce: number): number[] {
  const rounds: number[] = [];
  for (let left = sources; left > 0; left -= rounds.at(-1)!) rounds.push(Math.min(left, random.whole(1, mostAtOnce)));
  return rounds;
}
