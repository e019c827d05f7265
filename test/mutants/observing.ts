import type { Mutant, NamedTest } from './mutant.ts';

const measuring = (title: string): NamedTest => ({ file: 'test/app/measuring.test.ts', title });
const observing = (title: string): NamedTest => ({ file: 'test/lib/observe.test.ts', title });

/** What is measured, logged and alarmed, for whoever has to know it. */
export const OBSERVING: readonly Mutant[] = [
  {
    name: 'repeated-upload-counted',
    what: 'A request that is sent again counts as one more accepted source.',
    file: 'app/accept-upload.ts',
    find: '  if (source.queued) return source;\n',
    replace: "  if (source.queued) ports.metrics.count('SourcesAccepted');\n  if (source.queued) return source;\n",
    killedBy: [measuring('is counted when it is accepted, once however often it is sent')],
  },
  {
    name: 'adopted-end-counted',
    what: 'An end is counted by everybody who wanted to end the source, and not only by whoever did.',
    file: 'app/conclude.ts',
    find: 'if (stored.endedAt === now) measureEnd',
    replace: 'measureEnd',
    killedBy: [measuring('is counted though it could not be published yet, and not once more by who came second')],
  },
  {
    name: 'replay-taken-for-lag',
    what: 'A client that was away for an hour raises the alarm for slow delivery.',
    file: 'app/measure-delivery.ts',
    find: 'seq <= furthest.seq || (publishedAt !== undefined && publishedAt < connectedAt)',
    replace: 'seq <= furthest.seq',
    killedBy: [measuring('of what was published before the socket came is a replay, and no lag')],
  },
  {
    name: 'standstill-unseen',
    what: 'Where no socket gets anything any more nothing is late, and no alarm says so.',
    file: 'app/post-frame.ts',
    find: '    onRetry?.();\n',
    replace: '',
    killedBy: [measuring('that does not come through is timed for as long as that lasts')],
  },
  {
    name: 'failed-connect-answered',
    what: 'A connect that cannot tell whom to let in is a success to Lambda, and to its alarm.',
    file: 'lambdas/connect.ts',
    find: "if (error.code === 'internal') throw error;",
    replace: '',
    killedBy: [{ file: 'test/lambdas/socket-door.test.ts', title: 'fails where it cannot tell whom to let in' }],
  },
  {
    name: 'correlation-id-of-the-last-request',
    what: 'An upload that is sent again changes its name in the logs on the way.',
    file: 'lambdas/upload-source.ts',
    find: 'correlationId = requestId } = source',
    replace: 'correlationId: _ } = source; const correlationId = requestId',
    killedBy: [
      { file: 'test/lambdas/upload-source.test.ts', title: 'is answered with the correlation id of its first request' },
    ],
  },
  {
    name: 'correlation-id-left-behind',
    what: 'Whoever delivers the end of a source cannot say whose it was.',
    file: 'app/publish.ts',
    find: '    ...(correlationId && { correlationId }),\n',
    replace: '',
    killedBy: [measuring('of an end is a line with the correlation id of the upload, which no frame holds')],
  },
  {
    name: 'correlation-id-lost-in-redis',
    what: 'The history keeps no correlation id.',
    file: 'adapters/redis/channel-scripts.ts',
    find: "'correlation', correlation)",
    replace: "'correlation', '')",
    killedBy: [
      {
        file: 'test/adapters/redis/event-bus.test.ts',
        title: 'keeps beside an event when it was published and whose it is, and nothing of that in its frame',
      },
    ],
  },
  {
    name: 'measured-and-not-written',
    what: 'What was measured waits in a function that is frozen, and is lost with it.',
    file: 'lambdas/process.ts',
    find: 'flushing(metrics, async',
    replace: '(async',
    killedBy: [
      {
        file: 'test/lambdas/process.test.ts',
        title: 'has written what was measured when it answers: it may be frozen right after, for ever',
      },
    ],
  },
  {
    name: 'fields-of-another-request',
    what: 'A line has the correlation id of whatever runs at the same time.',
    file: 'adapters/log.ts',
    find: 'return around.run({ ...around.getStore(), ...fields }, run);',
    replace: 'around.enterWith({ ...around.getStore(), ...fields });\n  return run();',
    killedBy: [
      {
        file: 'test/adapters/log.test.ts',
        title: 'gives every line of one piece of work its fields, and no line of another that runs at the same time',
      },
    ],
  },
  {
    name: 'header-in-the-log',
    what: 'A caller writes into the log whatever it likes.',
    file: 'adapters/http/correlation.ts',
    find: ' && USABLE.test(sent)',
    replace: '',
    killedBy: [{ file: 'test/adapters/http/rest.test.ts', title: 'is known by the id of' }],
  },
  {
    name: 'key-in-the-log',
    what: 'An API key in the text of an error is logged.',
    file: 'adapters/redact.ts',
    find: '\n    .replace(API_KEY, REDACTED)',
    replace: '',
    killedBy: [
      {
        file: 'test/adapters/redact.test.ts',
        title: 'holds no API key, wherever it stands, and keeps what only begins like one',
      },
    ],
  },
  {
    name: 'alarm-that-cannot-be-sent',
    what: 'The topic refuses the alarms.',
    file: 'lib/constructs/alarms.ts',
    find: "new iam.ServicePrincipal('cloudwatch.amazonaws.com')",
    replace: "new iam.ServicePrincipal('events.amazonaws.com')",
    killedBy: [observing('lets CloudWatch publish, of this account only, and nobody without TLS')],
  },
  {
    name: 'silence-of-the-sweeper',
    what: 'A sweeper that is not started at all raises no alarm.',
    file: 'lib/constructs/alarm-definitions.ts',
    find: "      missing: 'bad',\n",
    replace: '',
    killedBy: [observing('take silence for good, but of the sweeper')],
  },
  {
    name: 'alarm-without-a-page',
    what: 'An alarm leads to a section of the runbook that is not there.',
    file: 'lib/constructs/alarm-definitions.ts',
    find: "    'delivery-lag': {",
    replace: "    'delivery-delay': {",
    killedBy: [observing('says what is wrong, and ends with the link to its section of the runbook')],
  },
  {
    name: 'daily-call-is-a-dead-letter',
    what: 'The call that keeps dead-letter active raises the alarm of a dead letter each day.',
    file: 'lib/constructs/alarm-definitions.ts',
    find: "metrics.ofDeadLetters('NumberOfMessagesReceived', 'Sum')",
    replace: "metrics.ofFunction('dead-letter', 'Invocations')",
    killedBy: [observing('looks at')],
  },
];
