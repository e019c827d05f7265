import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJson } from '../../../adapters/extract/json-check.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** @param cuts where, of all of it. */
function pieces(text: string, cuts: readonly number[]): string[] {
  const at = [0, ...cuts.map((cut) => Math.floor(cut * text.length)), text.length].toSorted((a, b) => a - b);
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

/** The same signs each time: a machine that finds others has no part in what was changed. */
const SEED = 1;

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
const sign = fc.constantFrom(...'{}[]:,"\\ \n\t0123456789-+.eEutrfalsn\u0001\u2028é');

describe('whether a text is JSON', () => {
  it('is what JSON.parse says, wherever the text is cut', () => {
    fc.assert(
      fc.property(fc.json(), cuts, (json, where) => isJson(pieces(json, where))),
      { seed: SEED },
    );
    const pretty = fc.jsonValue().map((value) => JSON.stringify(value, null, 2));
    fc.assert(
      fc.property(pretty, cuts, (json, where) => isJson(pieces(json, where))),
      { seed: SEED },
    );
  });

  it('is what JSON.parse says where a sign of it is another, one too many or missing', () => {
    fc.assert(
      fc.property(fc.json(), sign, fc.nat(), fc.nat(2), cuts, (json, other, where, removed, at) => {
        const index = where % (json.length + 1);
        const changed = json.slice(0, index) + other + json.slice(index + removed);
        expect(isJson(pieces(changed, at)), changed).toBe(parses(changed));
      }),
      { numRuns: 2_000, seed: SEED },
    );
  });

  it('is what JSON.parse says of any signs', () => {
    const any = fc.array(sign, { maxLength: 8 }).map((signs) => signs.join(''));
    fc.assert(
      fc.property(any, cuts, (text, at) => {
        expect(isJson(pieces(text, at)), text).toBe(parses(text));
      }),
      { numRuns: 5_000, seed: SEED },
    );
  });

  it('is no question of depth, until that is made to do harm', () => {
    expect(isJson(['['.repeat(100_000), ']'.repeat(100_000)])).toBe(true);
    expect(isJson(['['.repeat(2_000_000), ']'.repeat(2_000_000)])).toBe(false);
  });
});
