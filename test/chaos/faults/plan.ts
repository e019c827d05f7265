import type { Fault } from '../../../local/faults/fault.ts';
import type { Random } from '../random.ts';
import { drawBurst, drawCrash, PROCESS_CRASHES, SERVICE_CRASHES, SUBSCRIBER_CRASHES, SWEEPER_CRASHES } from './draw.ts';

export type FaultAction =
  /** A running invocation of it. */
  | { readonly do: 'kill'; readonly function: string }
  /** The function's environment, at its next call that the fault matches. */
  | { readonly do: 'crash'; readonly fault: Fault }
  | { readonly do: 'redis'; readonly action: 'kill' | 'lose' }
  | { readonly do: 'redis-stop'; readonly ms: number }
  | { readonly do: 'drop-sockets'; readonly disconnect: boolean }
  | { readonly do: 'burst'; readonly fault: Fault; readonly ms: number };

export interface PlannedFault {
  /** When so much of the uploads has been sent, 0 to 1. */
  readonly at: number;
  readonly action: FaultAction;
}

/** Each lane goes on by itself, one fault after the other. */
export interface FaultPlan {
  readonly subscribers: readonly PlannedFault[];
  readonly processing: readonly PlannedFault[];
  readonly redis: readonly PlannedFault[];
  readonly sockets: readonly PlannedFault[];
  readonly bursts: readonly PlannedFault[];
  readonly others: readonly PlannedFault[];
  readonly sweeper: readonly PlannedFault[];
}

export interface FaultTargets {
  readonly uploads: number;
  readonly redis: 'server' | 'embedded';
  readonly subscriberKills: number;
  readonly redisKills: number;
  readonly redisLosses: number;
  readonly socketDrops: number;
  /** Share of the attempts. */
  readonly processKills: number;
}

/** Uploads between the beginnings of two storms. */
const WAVE_UPLOADS = 1250;

/** Of each wave; then there is a calm, in which everything has to come to its end. */
const STORM_SHARE = 0.65;

/** Attempts for each source, as far as one can tell before: some are tried again. */
const ATTEMPTS = 1.12;

export function wavesOf(uploads: number): number {
  return Math.max(1, Math.round(uploads / WAVE_UPLOADS));
}

/** Whether the faults rest at this point, until the next wave. The last calm is the end of the run itself. */
export function isCalm(progress: number, uploads: number): boolean {
  const wave = progress * wavesOf(uploads);
  const isLast = wave >= wavesOf(uploads) - 1;
  return !isLast && wave % 1 > STORM_SHARE;
}

/** The same for the same chance. */
export function drawPlan(targets: FaultTargets, chance: Random): FaultPlan {
  const { uploads, subscriberKills, redisKills, redisLosses, socketDrops, processKills } = targets;
  const lane = (name: string, count: number, draw: (random: Random, index: number) => FaultAction) => {
    const random = chance.fork(name);
    const faults = Array.from({ length: count }, (_, index) => ({
      at: stormTime(uploads, random),
      action: draw(random, index),
    }));
    return faults.sort((a, b) => a.at - b.at);
  };
  // A server that cannot be killed can still lose everything.
  const kills = targets.redis === 'server' ? redisKills : 0;
  return {
    subscribers: lane('subscribers', subscriberKills, killOrCrash('subscriber', SUBSCRIBER_CRASHES)),
    processing: lane(
      'processing',
      Math.ceil(uploads * ATTEMPTS * processKills),
      killOrCrash('process', PROCESS_CRASHES),
    ),
    redis: lane('redis', kills + redisLosses, (_, index) => ({ do: 'redis', action: index < kills ? 'kill' : 'lose' })),
    sockets: lane('sockets', socketDrops, (random) => ({ do: 'drop-sockets', disconnect: random.chance(0.5) })),
    bursts: lane('bursts', Math.ceil(uploads / 40), (random) => drawBurst(random, targets.redis)),
    others: lane('others', Math.ceil(uploads / 60), (random) => drawCrash(random, SERVICE_CRASHES)),
    sweeper: lane('sweeper', Math.ceil(uploads / 500), (random) => drawCrash(random, SWEEPER_CRASHES)),
  };
}

function killOrCrash(name: string, crashes: Parameters<typeof drawCrash>[1]) {
  return (random: Random): FaultAction =>
    random.chance(0.5) ? { do: 'kill', function: name } : drawCrash(random, crashes);
}

function stormTime(uploads: number, random: Random): number {
  const waves = wavesOf(uploads);
  return (random.whole(0, waves - 1) + random.between(0, STORM_SHARE)) / waves;
}
