/** Chance that can be had again: the same seed draws the same. */
export interface Random {
  /** 0 to 1, 1 excluded. */
  next(): number;
  between(least: number, most: number): number;
  /** Both included. */
  whole(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** A stream of its own by this name: what one part draws does not change what another does. */
  fork(name: string): Random;
}

/** Mulberry32: short, and good enough to spread faults. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between: (least, most) => least + next() * (most - least),
    whole,
    chance: (share) => next() < share,
    pick: (from) => from[whole(0, from.length - 1)]!,
    fork: (name) => createRandom(hash(name, seed)),
  };
}

/** FNV-1a. */
function hash(text: string, seed: number): number {
  let result = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at++) result = Math.imul(result ^ text.charCodeAt(at), 0x01000193);
  return result >>> 0;
}
