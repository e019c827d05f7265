import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { memoryLog } from '../../local/log.ts';
import { scheduleDeclarations } from '../../local/wiring/schedules.ts';
import { type Service, startService } from './service.ts';

/**
 * What is only called to stay active has nothing to do: by what the event is, not by a case of its own. `api-stack.test.ts` sees
 * to it that each function of the VPC is called.
 */

const DAY_MS = 24 * 60 * 60_000;

const log = memoryLog();
/** What the functions have asked of AWS and of the cache. */
const asked = new Set<string>();
let service: Service;
let observing: Disposable;

beforeAll(async () => {
  service = await startService('embedded', { log, context: { socketAuth: 'token' } });
  observing = service.stack.access.observe(({ functionName, action }) => asked.add(`${functionName} ${action}`));
});
afterAll(async () => {
  observing?.[Symbol.dispose]();
  await service?.[Symbol.asyncDispose]();
});

/** Lines and metrics of the function's own code, without those of Lambda. */
function written(functionName: string): object[] {
  return log.entries
    .filter(({ source, text }) => source === functionName && text.startsWith('{'))
    .map(({ text }) => JSON.parse(text))
    .filter(({ type }) => !String(type).startsWith('platform.'));
}

interface Expected {
  readonly answer: object;
  readonly lines?: readonly object[];
  readonly asks?: string;
}

const REFUSED = { level: 'INFO', message: 'request-refused' };

const EXPECTED: Readonly<Record<string, Expected>> = {
  connect: {
    answer: { statusCode: 401 },
    lines: [{ ...REFUSED, code: 'token-missing', requestId: 'keep-active' }],
  },
  message: {
    answer: { statusCode: 200 },
    lines: [{ level: 'WARN', message: 'socket-failed', requestId: 'keep-active' }],
  },
  'cancel-source': {
    answer: { statusCode: 401 },
    lines: [{ ...REFUSED, code: 'missing-credentials', correlationId: 'keep-active' }],
  },
  process: { answer: { batchItemFailures: [] } },
  'dead-letter': { answer: { batchItemFailures: [] } },
  subscriber: {
    answer: { end: 'idle' },
    lines: [{ level: 'INFO', message: 'subscriber-ended', shard: 0 }],
    asks: 'elasticache:Connect',
  },
};

const nameOf = (name: string): string => service.stack.functions.get(name)!.name;

function expectLines(name: string): void {
  const { lines = [] } = EXPECTED[name]!;
  expect(written(nameOf(name))).toEqual(lines.map((line) => expect.objectContaining(line)));
}

it.each(Object.entries(EXPECTED))('%s answers its call of each day, and does nothing else', async (name, expected) => {
  const functionName = nameOf(name);
  const daily = scheduleDeclarations(service.stack.template).filter(({ rateMs }) => rateMs === DAY_MS);
  const call = daily.find((each) => each.functionName === functionName)!;
  asked.clear(); // by those that started before
  const { functionError, payload } = await service.stack.lambda.invoke(functionName, call.input);
  expect(functionError).toBeUndefined();
  expect(JSON.parse(payload)).toMatchObject(expected.answer);
  await vi.waitFor(() => expectLines(name), 10_000); // a line may come in behind the answer
  expect([...asked]).toEqual(expected.asks ? [`${functionName} ${expected.asks}`] : []);
});

it('none of them said more later on', () => {
  for (const name of Object.keys(EXPECTED)) expectLines(name);
});
