import { describe, expect, it } from 'vitest';
import { parseUpstreamUrl } from '../../../adapters/forward/upstream-url.ts';
import { ADDRESSES, NO_ADDRESSES } from './upstream-addresses.ts';

describe('the address of an upstream', () => {
  it.each(ADDRESSES)('%s is taken, as %s', (text, address) => {
    expect(parseUpstreamUrl(text)).toBe(address);
  });

  it.each(NO_ADDRESSES)('%j is refused', (text) => {
    expect(() => parseUpstreamUrl(text)).toThrow('it has to be an http or https URL without a user name');
  });
});
