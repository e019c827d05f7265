import type { Mutant, NamedTest } from './mutant.ts';

const permissions = (title: string): NamedTest => ({ file: 'test/lib/permissions.test.ts', title });

/** What each function may do, and how it is called. */
export const DEPLOYING: readonly Mutant[] = [
  {
    name: 'grant-left-out',
    what: 'The subscriber may not note the end of a round.',
    file: 'lib/api-stack.ts',
    find: '    state.channels.grantCloseRound(subscriber);\n',
    replace: '',
    killedBy: [permissions('may do exactly what it needs')],
  },
  {
    name: 'index-of-channels-without-ends',
    what: 'The index of a channel does not tell which of its sources are over: the record of each of them is read.',
    file: 'lib/constructs/sources.ts',
    find: "      includes: ['ended-at'],\n",
    replace: '      keysOnly: true,\n',
    killedBy: [
      { file: 'test/lib/state-stack.test.ts', title: 'finds what is past its deadline and the sources of a channel' },
    ],
  },
  {
    name: 'grant-too-wide',
    what: 'Whoever may write the original of a source may write anything of any user that ends like it.',
    file: 'lib/constructs/source-files.ts',
    find: 'arnForObjects(`users/*/sources/*/',
    replace: 'arnForObjects(`users/*',
    killedBy: [permissions('may do exactly what it needs')],
  },
  {
    name: 'grant-without-its-address',
    what: 'Functions may use the table of connections and are not told which it is.',
    file: 'lib/constructs/connections.ts',
    find: "    fn.environment('CONNECTIONS_TABLE', this.#table.tableName);\n",
    replace: '',
    killedBy: [permissions('is told exactly what it needs')],
  },
  {
    name: 'message-visible-under-its-worker',
    what: 'A message comes again while its worker still works.',
    file: 'lib/constructs/process-queue.ts',
    find: 'Duration.seconds(330)',
    replace: 'Duration.seconds(30)',
    killedBy: [{ file: 'test/lib/state-stack.test.ts', title: 'hides a delivery for longer than its worker may run' }],
  },
  {
    name: 'failures-of-a-batch-not-reported',
    what: 'SQS takes every delivery whose function did not throw for done, and deletes it.',
    file: 'lib/constructs/process-queue.ts',
    find: '    reportBatchItemFailures: true,\n',
    replace: '',
    killedBy: [
      { file: 'test/lib/api-stack.test.ts', title: 'takes partial failures, and bounds how many run at once' },
    ],
  },
];
