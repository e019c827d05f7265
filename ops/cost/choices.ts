import { billOf } from './bill.ts';
import type { Facts, FunctionFacts } from './facts.ts';
import { HOURS, MONTH_SECONDS, PRICES } from './prices.ts';
import { subscriberSeconds, type Usage } from './usage.ts';

/** A difference in the bill, in dollars a month. */
export interface Choice {
  readonly what: string;
  readonly dollars: number;
}

/** What the present design saves, each beside what is commonly done instead; of these stacks, which may be given what is not of it. */
export function savings(facts: Facts, usage: Usage): Choice[] {
  return CHOICES.filter(([isMade]) => isMade(facts)).map(([, what, saved]) => ({ what, dollars: saved(facts, usage) }));
}

type Saved = (facts: Facts, usage: Usage) => number;

const CHOICES: ReadonlyArray<readonly [isMade: (facts: Facts) => boolean, what: string, saved: Saved]> = [
  [
    ({ networks, natGateways }) => networks > 0 && natGateways === 0,
    'no NAT gateway, instead of one in each of two zones',
    without(({ natGateways, publicAddresses }) => ({
      natGateways: natGateways + 2,
      publicAddresses: publicAddresses + 2,
    })),
  ],
  [
    ({ caches, valkey }) => caches > 0 && valkey,
    'Valkey, whose least is 100 MB, instead of Redis OSS with 1 GB',
    without(() => ({ valkey: false })),
  ],
  [
    ({ functions }) => Object.values(functions).some(({ arm }) => arm),
    'arm64 instead of x86',
    without(({ functions }) => ({ functions: changed(functions, { arm: false }) })),
  ],
  [
    ({ tracedShare }) => tracedShare !== undefined,
    'traces of a twentieth of the HTTP calls and what they lead to, instead of all that X-Ray takes by itself',
    without(({ functions }) => ({ functions: changed(functions, { traced: true }), tracedShare: undefined })),
  ],
  [
    () => true,
    'subscribers that leave when nothing is to deliver, instead of one for each shard all the time',
    (facts, usage) => alwaysOn(facts) - onDemand(facts, usage),
  ],
  [
    () => true,
    'tables on demand, instead of 25 read and 25 write units for each of them and its indexes',
    (facts, usage) => provisioned(facts) - tables(facts, usage),
  ],
  [
    ({ networks }) => networks > 0,
    'S3 and DynamoDB through gateways of the VPC, instead of interface endpoints in two zones',
    () => 2 * 2 * ENDPOINT_HOUR * HOURS,
  ],
];

/** What it would cost more without the choice. */
function without(other: (facts: Facts) => Partial<Facts>): Saved {
  return (facts, usage) => billOf({ ...facts, ...other(facts) }, usage).total - billOf(facts, usage).total;
}

function changed(functions: Facts['functions'], change: Partial<FunctionFacts>): Facts['functions'] {
  return Object.fromEntries(Object.entries(functions).map(([name, fn]) => [name, { ...fn, ...change }]));
}

type Change = (facts: Facts, usage: Usage) => readonly [Facts, Usage];

/** What would make it cheaper. Nothing of it is done here: each has a price of another kind. */
const PROPOSALS: ReadonlyArray<readonly [what: string, change: Change]> = [
  ['send files to S3 in parts, past CloudFront and the API', (facts, usage) => [facts, { ...usage, inlineShare: 0 }]],
  ['the subscriber with 256 MB: it waits most of its time', withMemory('subscriber', 256)],
  [
    'one shard: one subscriber does some thousand messages a second',
    (facts, usage) => [{ ...facts, shards: 1 }, usage],
  ],
  ['keep files for a day', (facts, usage) => [{ ...facts, sourceDays: Math.min(1, facts.sourceDays) }, usage]],
  ['process with 1024 MB, where it takes no longer', withMemory('process', 1024)],
];

function withMemory(name: string, memoryMb: number): Change {
  return (facts, usage) => {
    const fn = facts.functions[name]!;
    const functions = { ...facts.functions, [name]: { ...fn, memoryMb: Math.min(memoryMb, fn.memoryMb) } };
    return [{ ...facts, functions }, usage];
  };
}

/** Largest first, each by itself; and what is saved with all of them, which is less than their sum where two are about one thing. */
export function proposals(facts: Facts, usage: Usage): { readonly each: readonly Choice[]; readonly all: number } {
  const total = billOf(facts, usage).total;
  const saved = (changed: readonly [Facts, Usage]) => total - billOf(...changed).total;
  const each = PROPOSALS.map(([what, change]) => ({ what, dollars: saved(change(facts, usage)) }));
  let together: readonly [Facts, Usage] = [facts, usage];
  for (const [, change] of PROPOSALS) together = change(...together);
  return {
    each: each.filter(({ dollars }) => dollars >= 0.01).sort((a, b) => b.dollars - a.dollars),
    all: saved(together),
  };
}

/** An interface endpoint, for each zone. */
const ENDPOINT_HOUR = 0.01;

/** Provisioned capacity: dollars for a unit and an hour. */
const WRITE_UNIT_HOUR = 0.00065;
const READ_UNIT_HOUR = 0.00013;

function alwaysOn({ functions, shards }: Facts): number {
  return subscriberDollars(functions.subscriber!.memoryMb, shards * MONTH_SECONDS);
}

function onDemand({ functions, shards }: Facts, usage: Usage): number {
  return subscriberDollars(functions.subscriber!.memoryMb, subscriberSeconds(usage, shards));
}

function subscriberDollars(memoryMb: number, seconds: number): number {
  return (memoryMb / 1024) * seconds * PRICES.lambdaArmGbSecond.dollars;
}

function provisioned({ tables }: Facts): number {
  const stores = Object.values(tables).reduce((count, { indexes }) => count + 1 + indexes.length, 0);
  return stores * 25 * (WRITE_UNIT_HOUR + READ_UNIT_HOUR) * HOURS;
}

function tables(facts: Facts, usage: Usage): number {
  return billOf(facts, usage)
    .items.filter(({ price }) => price === 'dynamoWrite' || price === 'dynamoRead')
    .reduce((sum, { dollars }) => sum + dollars, 0);
}
