import { describe, expect, it } from 'vitest';
import { parseAllowHosts } from '../../adapters/fetch/address-guard.ts';
import { synthesize } from './synthesized.ts';

/** Read twice: where the templates are made, and where the function starts. */
const HOSTS = ['localhost', '127.0.0.1', 'Files.Internal:9000', 'a_b.example', '::1', '2001:db8::7', '[::1]:80'];

const NO_HOSTS = [
  'http://127.0.0.1:9911',
  'a/b',
  'user@host',
  '*',
  'a b',
  'host:',
  'host:99999',
  '10.0.0.0/8',
  '[::1',
  'a?b',
];

describe('the hosts that may be fetched', () => {
  it('are taken by the function and the templates', () => {
    const text = HOSTS.join(', ');
    expect(parseAllowHosts(HOSTS)).toHaveLength(HOSTS.length);
    using app = synthesize({ allowFetchHosts: text });
    const { Variables } = app.resource('AWS::Lambda::Function', 'FunctionsfetchFunction').properties.Environment;
    expect(Variables.ALLOW_FETCH_HOSTS).toBe(HOSTS.join(','));
  });

  it.each(NO_HOSTS)('are refused by both where one is %j', (wrong) => {
    const text = `127.0.0.1,${wrong}`;
    expect(() => parseAllowHosts(text.split(','))).toThrow('is not a host');
    expect(() => synthesize({ allowFetchHosts: text })).toThrow('Context value "allowFetchHosts" has to be hosts');
  });
});
