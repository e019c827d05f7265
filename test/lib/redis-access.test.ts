import { describe, expect, it } from 'vitest';
import * as channelScripts from '../../adapters/redis/channel-scripts.ts';
import * as cursorScripts from '../../adapters/redis/cursor-scripts.ts';
import * as leaseScripts from '../../adapters/redis/lease-scripts.ts';
import type { Script } from '../../adapters/redis/script.ts';
import * as watchScripts from '../../adapters/redis/watch-scripts.ts';
import { accessString, REDIS_USES, type RedisUse } from '../../lib/constructs/redis-access.ts';

/** Which scripts each use runs, and what it sends besides. */
const USES: Record<RedisUse, { readonly scripts: readonly Script[]; readonly sent?: readonly string[] }> = {
  publish: { scripts: [channelScripts.publish] },
  open: { scripts: [cursorScripts.open] },
  acknowledge: { scripts: [cursorScripts.acknowledge] },
  ring: { scripts: [channelScripts.ring] },
  deliver: {
    scripts: [
      ...[leaseScripts.acquire, leaseScripts.renew, leaseScripts.release, leaseScripts.exit, leaseScripts.settle],
      ...[cursorScripts.next, cursorScripts.moveCursor, channelScripts.closeRound, channelScripts.markRestored],
    ],
    sent: ['xreadgroup', 'xautoclaim', 'xgroup|create', 'hdel'],
  },
  watch: { scripts: [watchScripts.isUnserved, watchScripts.beginRecovery, watchScripts.endRecovery] },
};

/** Each function of the script with what it calls, and what stands outside of them. */
function commandsOf({ lua }: Script): string[] {
  const functions = new Map(
    [...lua.matchAll(/^local function (\w+)\(.*?\n(.*?)^end$/gms)].map(([, name, body]) => [name!, body!]),
  );
  const found = new Set<string>();
  const visited = new Set<string>();
  const visit = (code: string): void => {
    for (const [, name, sub] of code.matchAll(/redis\.p?call\('(\w+)'(?:, '([A-Z]+)')?/g)) {
      const hasSubcommands = name === 'XGROUP' || name === 'XINFO';
      found.add((hasSubcommands ? `${name}|${sub}` : name!).toLowerCase());
    }
    for (const [name, body] of functions) {
      if (visited.has(name) || !new RegExp(`\\b${name}\\(`).test(code)) continue;
      visited.add(name);
      visit(body);
    }
  };
  visit(lua.replaceAll(/^local function (?!answer).*?^end$/gms, ''));
  return [...found];
}

describe.each(Object.keys(USES) as RedisUse[])('%s', (use) => {
  const { scripts, sent = [] } = USES[use];

  it('may run every command of its scripts, and no other', () => {
    const needed = new Set([...scripts.flatMap(commandsOf), ...sent]);
    expect([...new Set(REDIS_USES[use].commands)].toSorted()).toEqual([...needed].toSorted());
  });
});

it('is every script of the adapters in one use', () => {
  const isScript = (value: unknown): value is Script => typeof value === 'object' && value !== null && 'lua' in value;
  const modules = [channelScripts, cursorScripts, leaseScripts, watchScripts];
  const all = modules.flatMap((each) => Object.values(each).filter(isScript)).map(({ sha }) => sha);
  const used = Object.values(USES).flatMap(({ scripts }) => scripts.map(({ sha }) => sha));
  expect(used.toSorted()).toEqual(all.toSorted());
});

describe('The access string', () => {
  it('names keys and commands one by one, and begins from nothing', () => {
    expect(accessString(['watch'])).toBe(
      'on ~{shard-*}:doorbell ~{shard-*}:lease ~{shard-*}:recovered resetchannels -@all ' +
        '+client|setname +cluster|slots +eval +evalsha +exists +get +pexpire +readonly +set +xlen',
    );
  });

  it('joins the uses of one function, and lets publish only who needs it', () => {
    expect(accessString(['open', 'acknowledge'])).toBe(accessString(['open']));
    expect(accessString(['open'])).not.toMatch(/&|\+publish/);
    expect(accessString(['publish'])).toMatch(/resetchannels &\* -@all .*\+publish/);
    expect(accessString(['publish'])).not.toContain('xrange');
  });

  it.each(Object.keys(USES) as RedisUse[])('of %s gives no category and no key outside of a shard', (use) => {
    const rules = accessString([use]).split(' ');
    expect(rules.filter((rule) => rule.includes('@'))).toEqual(['-@all']);
    for (const rule of rules.filter((each) => each.startsWith('~'))) expect(rule).toMatch(/^~\{shard-\*\}:\w+/);
  });
});
