import { type Bill, type BillOptions, billOf, type Item } from './bill.ts';
import { type Choice, proposals, savings } from './choices.ts';
import type { Facts } from './facts.ts';
import { DEFAULT_USAGE, type Usage } from './usage.ts';

/** What the service is meant to cost at the most: a month without use, and a million uploads with a socket open for a minute each. */
export const TARGETS = { idleDollars: 12, millionDollars: 50 } as const;

export interface Estimate {
  readonly usage: Usage;
  readonly bill: Bill;
  readonly idle: Bill;
  /** What a million uploads of this kind add to a month without any. */
  readonly million: number;
  readonly ofMillion: readonly Item[];
  readonly met: { readonly idle: boolean; readonly million: boolean };
  readonly savings: readonly Choice[];
  /** For a million uploads of this kind. */
  readonly proposals: ReturnType<typeof proposals>;
}

export function estimate(facts: Facts, usage: Usage, options: BillOptions = {}): Estimate {
  const idle = billOf(facts, { ...usage, uploads: 0 }, options);
  const aMillion = { ...usage, uploads: DEFAULT_USAGE.uploads };
  const ofMillion = beside(idle.items, billOf(facts, aMillion, options).items);
  const million = ofMillion.reduce((sum, { dollars }) => sum + dollars, 0);
  return {
    usage,
    bill: billOf(facts, usage, options),
    idle,
    million,
    ofMillion,
    met: { idle: idle.total <= TARGETS.idleDollars, million: million <= TARGETS.millionDollars },
    savings: savings(facts, usage),
    proposals: proposals(facts, aMillion),
  };
}

/** What is more in `items` than it is in `idle`. */
function beside(idle: readonly Item[], items: readonly Item[]): Item[] {
  const same = ({ service, what }: Item) => idle.find((item) => item.service === service && item.what === what);
  return items.map((item) => ({
    ...item,
    quantity: item.quantity - (same(item)?.quantity ?? 0),
    dollars: item.dollars - (same(item)?.dollars ?? 0),
  }));
}
