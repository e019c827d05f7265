import type { Mutant, NamedTest } from './mutant.ts';

const admitting = (title: string): NamedTest => ({ file: 'test/app/admit-socket.test.ts', title });
const keys = (title: string): NamedTest => ({ file: 'test/adapters/secrets/socket-keys.test.ts', title });

const limited = (title: string): NamedTest => ({ file: 'test/app/user-limits.test.ts', title });

/** A socket for somebody who may not have it, or none for somebody who may; more of the service than one user's share. */
export const ADMITTING: readonly Mutant[] = [
  {
    name: 'token-of-any-channel',
    what: 'Whoever was given a token for one channel may listen to all of them.',
    file: 'app/socket-token.ts',
    find: `.update(\`socket|\${wsUuid}|\${expires}\`)`,
    replace: `.update(\`socket|\${expires}\`)`,
    killedBy: [admitting('opens no other channel')],
  },
  {
    name: 'token-for-ever',
    what: 'An address opens its channel for as long as that lives.',
    file: 'app/socket-token.ts',
    find: 'if (Number.parseInt(expires, 36) * 1000 <= now) {',
    replace: 'if (false) {',
    killedBy: [admitting('opens nothing once it has expired')],
  },
  {
    name: 'end-of-token-not-signed',
    what: 'Whoever has a token may write a later end into it.',
    file: 'app/socket-token.ts',
    find: `.update(\`socket|\${wsUuid}|\${expires}\`)`,
    replace: `.update(\`socket|\${wsUuid}\`)`,
    killedBy: [admitting('cannot be given a longer life, nor another key')],
  },
  {
    name: 'token-optional',
    what: 'Whoever leaves the token out needs none.',
    file: 'app/socket-token.ts',
    find: 'if (!token) throw new',
    replace: 'if (!token) return; if (!token) throw new',
    killedBy: [admitting('is missing')],
  },
  {
    name: 'door-not-asked',
    what: 'The handshake is let in without a look at its token or its origin.',
    file: 'lambdas/connect.ts',
    find: 'await admitSocket(door,',
    replace: 'void (door,',
    killedBy: [{ file: 'test/lambdas/socket-door.test.ts', title: 'and by nothing less' }],
  },
  {
    name: 'any-origin',
    what: 'Pages of all origins may open sockets, whatever the list says.',
    file: 'app/admit-socket.ts',
    find: 'allowOrigins.length > 0 &&',
    replace: 'false &&',
    killedBy: [admitting('is refused when it is')],
  },
  {
    name: 'origin-by-its-beginning',
    what: 'A page may open sockets whose origin only begins as one in the list.',
    file: 'app/admit-socket.ts',
    find: 'allowOrigins.includes(origin) ||',
    replace: 'allowOrigins.some((each) => origin.startsWith(each)) ||',
    killedBy: [admitting('is refused when it is')],
  },
  {
    name: 'rotation-drops-old-addresses',
    what: 'Addresses that were signed before a rotation open nothing after it.',
    file: 'adapters/secrets/socket-keys.ts',
    find: '[current, previous].find(',
    replace: '[current].find(',
    killedBy: [keys('finds the key before the current one, and none before that')],
  },
  {
    name: 'rotation-drops-new-addresses',
    what: 'Addresses that were signed with a new key open nothing until a function has forgotten the old one.',
    file: 'adapters/secrets/socket-keys.ts',
    find: 'if (known || clock.now() - missedAt < LOOK_AGAIN_MS) return known;',
    replace: 'return known;',
    killedBy: [keys('finds a key that was made after it has looked the last time')],
  },
  {
    name: 'limit-for-the-same-request-again',
    what: 'An upload that was accepted is refused when it is sent again, because its user has too many.',
    file: 'app/accept-upload.ts',
    find: 'if (known?.owner !== owner || known.terminal !== undefined) throw tooMany;',
    replace: 'throw tooMany;',
    killedBy: [limited('are never refused when they come again, accepted before or broken off')],
  },
  {
    name: 'limit-for-a-channel-that-is-there',
    what: 'Whoever has as many channels as may be cannot use them.',
    file: 'app/register-channel.ts',
    find: '(await channels.get(wsUuid, now)) ? 0 : ',
    replace: '',
    killedBy: [limited('are registered again and uploaded to, however many there are')],
  },
  {
    name: 'ended-sources-count-on',
    what: 'Sources that have ended are counted as under way until their records expire: whoever has had a thousand gets no more.',
    file: 'adapters/dynamodb/sources.ts',
    find: ' REMOVE #under_way`',
    replace: '`',
    killedBy: [
      {
        file: 'test/adapters/dynamodb/contracts.test.ts',
        suite: 'the Sources of a channel, ',
        title: 'are counted for their owner while they are queued and have not ended, and no further than is asked for',
      },
    ],
  },
  {
    name: 'sockets-of-all-users',
    what: 'The sockets of a user are not known to be its own: there is no limit.',
    file: 'adapters/dynamodb/connections.ts',
    find: '    owner: connection.owner,\n',
    replace: '',
    killedBy: [
      {
        file: 'test/adapters/dynamodb/contracts.test.ts',
        suite: 'Connections, ',
        title: 'counts those of an owner that were opened after a moment, and no further than is asked for',
      },
    ],
  },
];
