import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../ops/command.ts';
import { parseRedriveArguments } from '../../ops/redrive/arguments.ts';
import { countDeadLetters, redrive } from '../../ops/redrive/redrive.ts';
import { type S3SqsServer, startS3Sqs } from '../adapters/servers.ts';

describe('a redrive', () => {
  let server: S3SqsServer;
  let queues: { sqs: S3SqsServer['sqs']; processQueueUrl: string; deadLetterQueueUrl: string };
  beforeAll(async () => {
    server = await startS3Sqs();
  });
  beforeEach(async () => {
    queues = {
      sqs: server.sqs,
      processQueueUrl: await server.createQueue(),
      deadLetterQueueUrl: await server.createQueue(),
    };
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const bodyOf = (index: number) =>
    JSON.stringify({ 'source-uuid': `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, generation: 1 });
  const bury = (body: string) =>
    server.sqs.send(new SendMessageCommand({ QueueUrl: queues.deadLetterQueueUrl, MessageBody: body }));

  async function bodiesIn(queueUrl: string): Promise<string[]> {
    const found: string[] = [];
    for (;;) {
      const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 });
      const { Messages = [] } = await server.sqs.send(receive);
      if (Messages.length === 0) return found.sort();
      found.push(...Messages.map(({ Body }) => Body!));
    }
  }

  it('moves every message, over as many pages as there are, and leaves none behind', async () => {
    const bodies = Array.from({ length: 23 }, (_, index) => bodyOf(index));
    for (const body of bodies) await bury(body);
    expect(await countDeadLetters(queues)).toEqual({ waiting: 23, inFlight: 0 });
    expect(await redrive(queues, Number.POSITIVE_INFINITY)).toEqual({ moved: 23, left: [] });
    expect(await countDeadLetters(queues)).toEqual({ waiting: 0, inFlight: 0 });
    expect(await bodiesIn(queues.processQueueUrl)).toEqual(bodies);
  });

  it('moves no more than it is told', async () => {
    for (let index = 0; index < 13; index++) await bury(bodyOf(index));
    expect(await redrive(queues, 11)).toEqual({ moved: 11, left: [] });
    expect(await countDeadLetters(queues)).toEqual({ waiting: 2, inFlight: 0 });
  });

  it('leaves what names no source, and says what it is', async () => {
    await bury('{"something":"else"}');
    await bury(bodyOf(1));
    expect(await redrive(queues, Number.POSITIVE_INFINITY)).toEqual({ moved: 1, left: ['{"something":"else"}'] });
    expect(await countDeadLetters(queues)).toEqual({ waiting: 0, inFlight: 1 });
    expect(await bodiesIn(queues.processQueueUrl)).toEqual([bodyOf(1)]);
  });

  it('loses nothing where the queue does not take it: the message stays a dead letter', async () => {
    await bury(bodyOf(1));
    const broken = { ...queues, processQueueUrl: `${server.url}/000000000000/no-such-queue` };
    await expect(redrive(broken, 1)).rejects.toThrow();
    expect(await countDeadLetters(queues)).toEqual({ waiting: 0, inFlight: 1 });
  });
});

describe('npm run redrive', () => {
  it('moves all there are in the service on this machine, where it is not told otherwise', () => {
    expect(parseRedriveArguments([])).toEqual({
      command: 'redrive',
      target: { where: 'local' },
      most: Number.POSITIVE_INFINITY,
      dryRun: false,
    });
    expect(parseRedriveArguments(['--deployed', '--most', '5', '--dry-run'])).toMatchObject({
      target: { where: 'deployed' },
      most: 5,
      dryRun: true,
    });
    expect(parseRedriveArguments(['-h'])).toEqual({ command: 'help' });
  });

  it.each([[['--most', '0']], [['--most', 'all']], [['everything']], [['--profile', 'p']]])('refuses %j', (args) => {
    expect(() => parseRedriveArguments(args)).toThrow(UsageError);
  });
});
