import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../local/clock.ts';
import {
  type FunctionConfig,
  type LambdaService,
  type LambdaServiceOptions,
  startLambdaService,
} from '../../../local/lambda/lambda-service.ts';
import { memoryLog } from '../../../local/log.ts';
import { eventually } from '../eventually.ts';

export const REGION = 'eu-central-1';
export const ACCOUNT_ID = '123456789012';

/** A folder that is gone after the test, with the source of a function in it. */
export async function codeDir(source: string, files: Record<string, string> = {}): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries({ 'index.mjs': source, ...files })) {
    await writeFile(path.join(folder, name), text);
  }
  return folder;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'local-lambda-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestService extends LambdaService {
  readonly log: ReturnType<typeof memoryLog>;
  add(source: string, config?: Partial<FunctionConfig>): Promise<void>;
  /** Invokes and parses. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the fixture answered; the test says what it expects
  call(name: string, event?: unknown): Promise<{ functionError?: string; answer: any }>;
}

/** Disposed of after the test. */
export async function testService(options: Partial<LambdaServiceOptions> = {}): Promise<TestService> {
  const log = memoryLog();
  const service = await startLambdaService({
    clock: systemClock,
    log,
    region: REGION,
    accountId: ACCOUNT_ID,
    ...options,
  });
  onTestFinished(() => service[Symbol.asyncDispose]());
  return {
    ...service,
    log,
    async add(source, config = {}) {
      service.register({
        name: 'f',
        codeDir: config.codeDir ?? (await codeDir(source)),
        handler: 'index.handler',
        environment: {},
        timeoutMs: 15_000,
        memoryMb: 512,
        maximumRetryAttempts: 2,
        ...config,
      });
    },
    async call(name, event = {}) {
      const { functionError, payload } = await service.invoke(name, event);
      return { functionError, answer: JSON.parse(payload) };
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Where there is a `/proc`, a zombie counts as gone; it is waiting for whoever adopted it. */
export async function isRunning(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat === undefined ? process.platform !== 'linux' : !/\) [ZX] /.test(stat);
}

export async function untilGone(pids: readonly number[]): Promise<void> {
  await eventually(async () => {
    for (const pid of pids) if (await isRunning(pid)) throw new Error(`process ${pid} still runs`);
  });
}
