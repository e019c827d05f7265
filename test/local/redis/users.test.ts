import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RespClient } from './resp-client.ts';
import { redisServers } from './servers.ts';

const RULES =
  'on ~{s-*}:a ~{s-*}:list:* resetchannels &news* -@all +eval +evalsha +get +set +publish +cluster|slots +xgroup|create';

const err = (text: string) => ({ err: expect.stringMatching(text) });
const NO_KEY = err('^NOPERM this user has no permissions to access one of the keys used as arguments$');

describe.each(redisServers())('a user of $name', ({ start }) => {
  let server: Awaited<ReturnType<typeof start>>;
  let client: RespClient;

  beforeAll(async () => {
    server = await start();
    await server.setUsers([
      { name: 'reader', accessString: RULES },
      { name: 'nobody', accessString: RULES.replace('on', 'off') },
    ]);
    client = await RespClient.connect(server.url);
    expect(await client.send('AUTH', 'reader', 'any password')).toEqual({ ok: 'OK' });
    return () => client[Symbol.asyncDispose]();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    ['GET', '{s-1}:b'],
    ['SET', '{t-1}:a', '1'],
    ['EVAL', 'return 1', '2', '{s-1}:a', '{s-1}:b'],
  ])('touches no key but its own: %s %s', async (...command) => {
    expect(await client.send(...command)).toEqual(NO_KEY);
  });

  it.each([
    [['DEL', '{s-1}:a'], 'del'],
    [['PING'], 'ping'],
    [['CLUSTER', 'INFO'], 'cluster|info'],
    [['XGROUP', 'DESTROY', '{s-1}:a', 'g'], 'xgroup|destroy'],
    [['SCRIPT', 'LOAD', 'return 1'], 'script|load'],
    [['ACL', 'SETUSER', 'reader', '+del'], 'acl|setuser'],
  ] as const)('runs no command but those it may: %j', async (command, name) => {
    const refused = err(`^NOPERM this user has no permissions to run the '${name.replace('|', '\\|')}' command$`);
    expect(await client.send(...command)).toEqual(refused);
  });

  it('does what it may', async () => {
    expect(await client.send('SET', '{s-1}:list:x', '1')).toEqual({ ok: 'OK' });
    expect(await client.send('XGROUP', 'CREATE', '{s-1}:a', 'g', '0', 'MKSTREAM')).toEqual({ ok: 'OK' });
    expect(await client.send('CLUSTER', 'SLOTS')).toHaveLength(1);
    expect(await client.send('EVAL', "return redis.call('GET', KEYS[1])", '1', '{s-1}:list:x')).toBe('1');
  });

  it.each([
    ["redis.call('DEL', KEYS[1])", "can't run this command or subcommand"],
    ["redis.call('PUBLISH', 'other', 'x')", "can't publish to the channel mentioned in the command"],
  ])('does no more in a script: %s', async (script, words) => {
    const refused = err(`^ERR The user executing the script ${words} script: `);
    expect(await client.send('EVAL', script, '1', '{s-1}:a')).toEqual(refused);
  });

  it('is told of it where the script catches errors', async () => {
    const script = "return redis.pcall('DEL', KEYS[1]).err";
    const reply = await client.send('EVAL', script, '1', '{s-1}:a');
    expect(reply).toMatch("The user executing the script can't run this command or subcommand");
  });

  it('publishes on its channels only', async () => {
    expect(await client.send('PUBLISH', 'news-1', 'x')).toBe(0);
    expect(await client.send('PUBLISH', 'other', 'x')).toEqual(
      err('^NOPERM this user has no permissions to access one of the channels used as arguments$'),
    );
  });

  it.each(['nobody', 'unknown'])('has to be one that is on: %s', async (name) => {
    await using other = await RespClient.connect(server.url);
    expect(await other.send('AUTH', name, 'any password')).toEqual(
      err('^WRONGPASS invalid username-password pair or user is disabled\\.$'),
    );
  });

  it.each([
    ['AUTH', 'one'],
    ['AUTH', 'one', 'two', 'three'],
    ['ACL', 'SETUSER', 'reader', '+nonsense'],
    ['ACL', 'SETUSER', 'reader', 'nonsense'],
  ])('is not made of what makes no sense: %s %s %s %s', async (...command) => {
    await using other = await RespClient.connect(server.url);
    expect(await other.send(...command)).toEqual(err('^ERR '));
    // Nothing of it holds.
    expect(await client.send('DEL', '{s-1}:a')).toEqual(err('^NOPERM '));
  });

  it('has the rules that were set last, and none of before', async () => {
    await server.setUsers([{ name: 'passing', accessString: RULES }]);
    await server.setUsers([{ name: 'passing', accessString: 'on ~x resetchannels -@all +get' }]);
    await using other = await RespClient.connect(server.url);
    await other.send('AUTH', 'passing', '');
    expect(await other.send('GET', '{s-1}:a')).toEqual(NO_KEY);
    expect(await other.send('SET', 'x', '1')).toEqual(err('^NOPERM '));
    expect(await other.send('GET', 'x')).toBe(null);
  });
});
