import { textTable } from '../table.ts';
import type { Item } from './bill.ts';
import type { Choice } from './choices.ts';
import { type Estimate, TARGETS } from './estimate.ts';
import { PRICES, PRICES_AS_OF, PRICES_REGION } from './prices.ts';

/** For a person: what it comes to, whether that is what it is meant to, and what could be done about it. */
export function reportOf(estimate: Estimate): string {
  const { usage, bill, idle, million, ofMillion, met, proposals, savings } = estimate;
  const { uploads, averageMb, inlineShare, socketSeconds, processMs } = usage;
  return [
    `${count(uploads)} uploads in a month, of ${averageMb} MB each, ${inlineShare * 100} % of them sent in the request;`,
    `a socket open for ${socketSeconds} s and ${processMs} ms of processing for each.`,
    '',
    billTable(bill.items, idle.items),
    '',
    textTable(
      [
        ['a month without use', dollars(idle.total), verdict(met.idle, TARGETS.idleDollars)],
        ['a million uploads beside it', dollars(million), verdict(met.million, TARGETS.millionDollars)],
        ['this month', dollars(bill.total), ''],
      ],
      [1],
    ),
    ...(met.idle ? [] : ['', 'Most of a month without use:', choiceTable(largest(idle.items))]),
    ...(met.million ? [] : ['', 'Most of a million uploads:', choiceTable(largest(ofMillion))]),
    '',
    'What would save how much of a million uploads, each by itself:',
    choiceTable(proposals.each),
    `All of these together: ${dollars(proposals.all)}, which leaves ${dollars(million - proposals.all)}.`,
    '',
    'What the present design saves in such a month:',
    choiceTable(savings),
    '',
    `Prices of ${PRICES_REGION}, as they were known on ${PRICES_AS_OF}, copied from AWS's public price pages: check them there`,
    'before you rely on a figure. Durations are estimates (ops/cost/profile.ts). No tax, no support, no transfer between zones.',
  ].join('\n');
}

function verdict(met: boolean, target: number): string {
  return `target ${dollars(target)}: ${met ? 'met' : 'MISSED'}`;
}

function billTable(items: readonly Item[], idle: readonly Item[]): string {
  const rows = items.map((item) => [
    item.service,
    item.what,
    count(item.quantity),
    PRICES[item.price].unit,
    dollars(item.dollars),
    dollars(sameIn(idle, item)),
  ]);
  return textTable([['service', 'what', 'quantity', '', 'dollars', 'of it idle'], ...rows], [2, 4, 5]);
}

function choiceTable(choices: readonly Choice[]): string {
  return textTable(
    choices.map(({ what, dollars: saved }) => ['', dollars(saved), what]),
    [1],
  );
}

function sameIn(items: readonly Item[], { service, what }: Item): number {
  return items.find((item) => item.service === service && item.what === what)?.dollars ?? 0;
}

/** The items that make up four fifths of it. */
function largest(items: readonly Item[]): Choice[] {
  const sorted = items.filter((item) => item.dollars > 0).sort((a, b) => b.dollars - a.dollars);
  const enough = 0.8 * sorted.reduce((sum, item) => sum + item.dollars, 0);
  let sum = 0;
  const named = sorted.filter((item) => {
    const before = sum;
    sum += item.dollars;
    return before < enough;
  });
  return named.map(({ service, what, dollars: part }) => ({ what: `${service}, ${what}`, dollars: part }));
}

function dollars(amount: number): string {
  return `${amount < 0 ? '-' : ''}$${Math.abs(amount).toFixed(2)}`;
}

function count(quantity: number): string {
  return quantity.toLocaleString('en', { maximumFractionDigits: Math.abs(quantity) < 100 ? 2 : 0 });
}
