import { describe, expect, it } from 'vitest';
import { ChromiumMissing, findChromium } from './chromium.ts';

describe('the browser of the tests', () => {
  it('is the one that CHROMIUM_PATH names', () => {
    expect(findChromium({ CHROMIUM_PATH: process.execPath, PATH: '/usr/bin' })).toBe(process.execPath);
  });

  it.each([
    ['there is none', {}, /install it .*CHROMIUM_PATH/],
    ['CHROMIUM_PATH leads nowhere', { CHROMIUM_PATH: '/nowhere/chrome' }, /\/nowhere\/chrome/],
  ])('is asked for in one sentence where %s', (_, environment, sentence) => {
    const find = () => findChromium(environment, []);
    expect(find).toThrow(ChromiumMissing);
    expect(find).toThrow(sentence);
  });
});
