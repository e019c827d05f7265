import type { Mutant } from './mutant.ts';

/** Making and taking back keys, redriving, deploying, and what it costs. */
export const OPERATING: readonly Mutant[] = [
  {
    name: 'region-of-the-environment',
    what: 'The CDK deploys to another region than the one that was told, and deletes from it.',
    file: 'ops/deployment/cdk.ts',
    find: 'env: { ...process.env, AWS_REGION: region, AWS_DEFAULT_REGION: region }',
    replace: 'env: process.env',
    killedBy: [{ file: 'test/ops/deploy.test.ts', title: 'deploys to the region that it was told' }],
  },
  {
    name: 'key-kept-beside-its-hash',
    what: 'Who reads the table of keys has the keys.',
    file: 'ops/api-key/keys.ts',
    find: "const item = { 'key-hash': hash,",
    replace: "const item = { key, 'key-hash': hash,",
    killedBy: [{ file: 'test/ops/api-key.test.ts', title: 'is not kept: neither the list nor the table has it' }],
  },
  {
    name: 'some-key-revoked',
    what: 'Of several keys whose ids begin alike, the first is revoked.',
    file: 'ops/api-key/keys.ts',
    find: 'if (found.length > 1)',
    replace: 'if (found.length > 99)',
    killedBy: [
      {
        file: 'test/ops/api-key.test.ts',
        title: 'is revoked by the beginning of its id only where no other begins so',
      },
    ],
  },
  {
    name: 'dead-letter-deleted-first',
    what: 'A dead letter is lost where the queue does not take it.',
    file: 'ops/redrive/redrive.ts',
    find: '  await sqs.send(new SendMessageCommand(',
    replace:
      '  await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle: handle }));\n  await sqs.send(new SendMessageCommand(',
    killedBy: [
      {
        file: 'test/ops/redrive.test.ts',
        title: 'loses nothing where the queue does not take it: the message stays a dead letter',
      },
    ],
  },
  {
    name: 'deleted-on-any-answer',
    what: 'The service is deleted from another account than the one that was meant.',
    file: 'ops/deployment/destroy.ts',
    find: 'if (answer?.trim() === name) return;',
    replace: 'if (answer !== undefined) return;',
    killedBy: [{ file: 'test/ops/deploy.test.ts', title: 'deletes nothing on the answer' }],
  },
  {
    name: 'url-of-an-earlier-deployment',
    what: 'A deployment that failed to tell its URL shows that of an earlier one.',
    file: 'ops/deployment/deploy.ts',
    find: '  await rm(outputsFile, { force: true });\n',
    replace: '',
    killedBy: [
      {
        file: 'test/ops/deploy.test.ts',
        title: 'says what to do where the CDK fails, and does not show the URL of an earlier time',
      },
    ],
  },
  {
    name: 'changed-index-key-is-one-write',
    what: 'The bill counts one entry of an index where an old one goes and a new one comes.',
    file: 'ops/cost/table-units.ts',
    find: 'if (has(changes)) return 2 * size;',
    replace: 'if (has(changes)) return size;',
    killedBy: [{ file: 'test/ops/cost.test.ts', title: 'a changed key: itself, the old entry and the new one' }],
  },
  {
    name: 'unknown-type-is-free',
    what: 'A resource of which nobody knows the price is not in the bill.',
    file: 'ops/cost/resource-types.ts',
    find: 'if (unknown.length === 0) return;',
    replace: 'return;',
    killedBy: [
      {
        file: 'test/ops/cost.test.ts',
        title: 'are refused where a type is in it of which nobody knows what it costs',
      },
    ],
  },
  {
    name: 'large-dashboard-is-free',
    what: 'The bill takes a dashboard of any size for one that AWS gives for nothing.',
    file: 'ops/cost/dashboards.ts',
    find: 'return linesOf(properties).length <= MOST_METRICS_OF_A_FREE_ONE;',
    replace: 'return true;',
    killedBy: [{ file: 'test/ops/cost.test.ts', title: 'count a dashboard among the free ones up to 50 metrics' }],
  },
  {
    name: 'settings-judged-late',
    what: 'An account is prepared for a deployment whose context values make no sense.',
    file: 'ops/deployment/deploy.ts',
    find: '  await requireSettings(given.context);\n',
    replace: '',
    killedBy: [{ file: 'test/ops/deploy.test.ts', title: 'judges the settings before it asks AWS anything, with' }],
  },
  {
    name: 'variables-beyond-4-kb',
    what: 'A list that Lambda has no room for fails when two stacks are made.',
    file: 'lib/settings.ts',
    find: '  if (given <= bytes) return value;',
    replace: '  if (given <= 10 * bytes) return value;',
    killedBy: [{ file: 'test/lib/app.test.ts', title: 'refuses more of' }],
  },
  {
    name: 'cache-renamed-by-shards',
    what: 'Another number of shards replaces the cache.',
    file: 'lib/constructs/cache.ts',
    find: '      serverlessCacheName: this.name,\n',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
    replace: "      serverlessCacheName: `${this.name}-${this.node.tryGetContext('shards')}`,\n",
    killedBy: [{ file: 'test/lib/deployment.test.ts', title: 'is only told to the functions that have to know it' }],
  },
  {
    name: 'redis-users-changed-at-once',
    what: 'ElastiCache is asked to change a user of a group that it is changing for another, and refuses.',
    file: 'lib/constructs/cache.ts',
    find: '    if (previous) user.addResourceDependency(previous);\n',
    replace: '',
    killedBy: [{ file: 'test/lib/network-stack.test.ts', title: 'has its users changed one after the other' }],
  },
  {
    name: 'message-of-node-in-three-lines',
    what: 'Who gives a negative number is told so in three lines with two full stops.',
    file: 'ops/command.ts',
    find: '.split(/\\.\\s/)[0]',
    replace: ".split('. ')[0]",
    killedBy: [
      {
        file: 'test/ops/command.test.ts',
        title: 'tells of a value that looks like an option in one sentence',
      },
    ],
  },
];
