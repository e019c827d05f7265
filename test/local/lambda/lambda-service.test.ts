import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { eventually } from '../eventually.ts';
import { ACCOUNT_ID, codeDir, isRunning, REGION, testService, untilGone } from './support.ts';

test('a function gets exactly its declared environment and the variables of the real service', async () => {
  vi.stubEnv('LEAK', 'of the parent');
  onTestFinished(() => void vi.unstubAllEnvs());
  const service = await testService();
  const folder = await codeDir('export const handler = async () => ({ env: process.env, cwd: process.cwd() });');
  await service.add('', {
    name: 'env',
    codeDir: folder,
    environment: { TABLE: 't', AWS_ENDPOINT_URL_SQS: 'http://x' },
  });

  const { answer } = await service.call('env');

  expect(answer.cwd).toBe(folder);
  expect(answer.env).toEqual({
    TABLE: 't',
    AWS_ENDPOINT_URL_SQS: 'http://x',
    _HANDLER: 'index.handler',
    _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Sampled=0$/),
    AWS_ACCESS_KEY_ID: expect.any(String),
    AWS_SECRET_ACCESS_KEY: expect.any(String),
    AWS_REGION: REGION,
    AWS_SDK_UA_APP_ID: expect.stringMatching(/^[0-9a-f]{32}$/),
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_FUNCTION_NAME: 'env',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/env',
    AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
    HOME: '/home/sbx_user1051',
    LAMBDA_TASK_ROOT: folder,
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: 'UTC',
  });
});

test('credentials that the runner gives win over the made-up ones', async () => {
  const service = await testService();
  await service.add('export const handler = async () => process.env.AWS_ACCESS_KEY_ID;', {
    environment: { AWS_ACCESS_KEY_ID: 'ASIAGIVEN', AWS_SECRET_ACCESS_KEY: 's' },
  });
  expect((await service.call('f')).answer).toBe('ASIAGIVEN');
});

test('the context has what the real one has', async () => {
  const service = await testService();
  await service.add(
    'export const handler = async (event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() });',
    { timeoutMs: 900_000 },
  );
  const { answer } = await service.call('f');
  expect(answer).toEqual({
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: '$LATEST',
    functionName: 'f',
    memoryLimitInMB: '512',
    logGroupName: '/aws/lambda/f',
    logStreamName: expect.any(String),
    invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:f`,
    awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    remaining: expect.any(Number),
  });
  expect(answer.remaining).toBeGreaterThan(840_000);
  expect(answer.remaining).toBeLessThanOrEqual(900_000);
});

test('an environment serves one invocation after the other, and keeps its state between them', async () => {
  const service = await testService();
  await service.add('let count = 0; export const handler = async () => [process.pid, ++count];');
  const [pid] = (await service.call('f')).answer;
  expect((await service.call('f')).answer).toEqual([pid, 2]);
  expect(service.environmentIds()).toEqual([pid]);
});

test('nothing of a handler goes on after it has returned: an interval does not tick between invocations', async () => {
  const service = await testService();
  await service.add(`
    let ticks = 0;
    export const handler = async ({ begin }) => {
      if (begin) setInterval(() => { ticks += 1; }, 1);
      const before = ticks;
      if (begin) while (ticks < 3) await new Promise((resolve) => setTimeout(resolve, 1));
      return { before, after: ticks };
    };
  `);
  // As long as it takes another environment to start, which is some dozens of ticks.
  await service.add('export const handler = async () => 1;', { name: 'other' });
  const { after } = (await service.call('f', { begin: true })).answer;
  await service.call('other');
  expect((await service.call('f')).answer.before).toBe(after);
});

test('what a handler started and did not await is stopped with it', async () => {
  const service = await testService();
  await service.add(`
    import { spawn } from 'node:child_process';
    export const handler = async () => spawn('sleep', ['1000'], { stdio: 'ignore' }).pid;
  `);
  const { answer: child } = await service.call('f');
  const { readFile } = await import('node:fs/promises');
  if (process.platform === 'linux') {
    const state = async (pid: number) => /\) (\w) /.exec(await readFile(`/proc/${pid}/stat`, 'utf8'))?.[1];
    await eventually(async () => {
      expect(await state(child)).toBe('T');
      expect(await state(service.environmentIds()[0]!)).toBe('T');
    });
  }
  await service[Symbol.asyncDispose]();
  await untilGone([child]);
});

test('a handler that throws is an unhandled function error with type, message and trace', async () => {
  const service = await testService();
  await service.add('export const handler = async () => { throw new RangeError("too far"); };');
  const { functionError, answer } = await service.call('f');
  expect(functionError).toBe('Unhandled');
  expect(answer).toMatchObject({ errorType: 'RangeError', errorMessage: 'too far' });
  expect(answer.trace[0]).toBe('RangeError: too far');
  expect(answer.trace[1]).toContain('index.mjs');
});

test('after a handler has thrown its environment goes on', async () => {
  const service = await testService();
  await service.add('let n = 0; export const handler = async () => { if (++n === 1) throw new Error(); return n; };');
  await service.call('f');
  expect((await service.call('f')).answer).toBe(2);
});

test('a handler that throws no error, returns nothing, or what is no JSON', async () => {
  const service = await testService();
  await service.add(`
    const answers = { text: () => { throw 'just text'; }, nothing: () => undefined, circle: () => { const o = {}; o.o = o; return o; } };
    export const handler = async ({ kind }) => answers[kind]();
  `);
  expect((await service.call('f', { kind: 'text' })).answer).toMatchObject({
    errorType: 'string',
    errorMessage: 'just text',
  });
  expect((await service.call('f', { kind: 'nothing' })).answer).toBeNull();
  expect((await service.call('f', { kind: 'circle' })).functionError).toBe('Unhandled');
});

test('a time-out kills the environment and everything that it started, and the next invocation gets a new one', async () => {
  const clock = createManualClock();
  const service = await testService({ clock });
  await service.add(
    `import { spawn } from 'node:child_process';
     export const handler = ({ hang }) => {
       if (!hang) return Promise.resolve(process.pid);
       console.log('child', spawn('sleep', ['1000'], { stdio: 'ignore' }).pid);
       return new Promise(() => setInterval(() => {}, 1000));
     };`,
    { timeoutMs: 3000 },
  );
  const { answer: pid } = await service.call('f');
  const timedOut = service.call('f', { hang: true });
  const child = await eventually(() => {
    const line = service.log.entries.find(({ text }) => text.startsWith('child '));
    return Number(line!.text.slice(6));
  });
  await clock.advance(2999);
  expect(await isRunning(pid)).toBe(true);
  await clock.advance(1);

  const { functionError, answer } = await timedOut;
  expect(functionError).toBe('Unhandled');
  expect(answer.errorType).toBe('Sandbox.Timedout');
  expect(answer.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 3\.00 seconds$/);
  await untilGone([pid, child]);
  expect((await service.call('f')).answer).not.toBe(pid);
});

test('a handler that blocks its thread is timed out too', async () => {
  const service = await testService();
  await service.add('export const handler = async () => { for (;;); };', { timeoutMs: 100 });
  expect((await service.call('f')).answer.errorType).toBe('Sandbox.Timedout');
});

test('more memory than the limit, outside of the heap, is the end of the environment', async () => {
  const service = await testService();
  await service.add(
    'const held = []; export const handler = () => new Promise(() => setInterval(() => held.push(Buffer.alloc(2e7, 1)), 5));',
    { memoryMb: 256 },
  );
  const { functionError, answer } = await service.call('f');
  expect(functionError).toBe('Unhandled');
  expect(answer.errorType).toBe('Runtime.OutOfMemory');
});

test('the memory of a child process counts as the function’s', async () => {
  const service = await testService();
  const hog = 'const held = []; setInterval(() => held.push(Buffer.alloc(2e7, 1)), 5)';
  await service.add(
    `import { spawn } from 'node:child_process';
     export const handler = () => new Promise(() => { spawn(process.execPath, ['-e', ${JSON.stringify(hog)}]); });`,
    { memoryMb: 256 },
  );
  expect((await service.call('f')).answer.errorType).toBe('Runtime.OutOfMemory');
});

test('the heap has nine tenths of the memory', async () => {
  const service = await testService();
  await service.add(`
    import { getHeapStatistics } from 'node:v8';
    export const handler = async () => getHeapStatistics().heap_size_limit / 1024 / 1024;`);
  const { answer: heapMb } = await service.call('f');
  expect(heapMb).toBeGreaterThanOrEqual(460); // nine tenths of 512, and V8's young generation
  expect(heapMb).toBeLessThan(580);
});

test('a full heap is the end of the environment, whichever limit notices first', async () => {
  const service = await testService();
  await service.add(
    'const held = []; export const handler = async () => { for (;;) held.push(Array(1e4).fill(held.length + 0.5)); };',
    { memoryMb: 128 },
  );
  expect((await service.call('f')).answer.errorType).toBe('Runtime.OutOfMemory');
});

test('an abort after what V8 says at the end of its heap is Runtime.OutOfMemory, any other abort is not', async () => {
  const service = await testService();
  await service.add(`export const handler = ({ words }) => {
    console.error(words);
    process.abort();
  };`);
  const words = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
  expect((await service.call('f', { words })).answer.errorType).toBe('Runtime.OutOfMemory');
  const { answer } = await service.call('f', { words: 'something else' });
  expect(answer.errorType).toBe('Runtime.ExitError');
  expect(answer.errorMessage).toMatch(/signal: aborted$/);
});

test.each([
  ['process.exit(7)', 'Runtime exited with error: exit status 7'],
  ['process.exit(0)', 'Runtime exited without providing a reason'],
  ["process.kill(process.pid, 'SIGKILL')", 'Runtime exited with error: signal: killed'],
])('a process that ends by %s is Runtime.ExitError, and the next invocation is served', async (end, message) => {
  const service = await testService();
  await service.add(
    `export const handler = async ({ end }) => { if (end) { ${end}; await new Promise(() => {}); } return 1; };`,
  );
  const { functionError, answer } = await service.call('f', { end: true });
  expect(functionError).toBe('Unhandled');
  expect(answer.errorType).toBe('Runtime.ExitError');
  expect(answer.errorMessage).toMatch(new RegExp(`^RequestId: [0-9a-f-]{36} Error: ${message}$`));
  expect((await service.call('f')).answer).toBe(1);
});

test('an unhandled rejection ends the environment', async () => {
  const service = await testService();
  await service.add(`export const handler = ({ reject }) => {
    if (!reject) return Promise.resolve(process.pid);
    Promise.reject(new TypeError('nobody listens'));
    return new Promise(() => setInterval(() => {}, 1000));
  };`);
  const { answer: pid } = await service.call('f');
  expect((await service.call('f', { reject: true })).answer).toMatchObject({
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'TypeError: nobody listens',
  });
  await untilGone([pid]);
  expect((await service.call('f')).answer).not.toBe(pid);
});

test('an exception that nobody catches ends the environment', async () => {
  const service = await testService();
  await service.add(`export const handler = () => {
    setTimeout(() => { throw new Error('from a timer'); }, 1);
    return new Promise(() => setInterval(() => {}, 1000));
  };`);
  expect((await service.call('f')).answer).toMatchObject({ errorType: 'Error', errorMessage: 'from a timer' });
});

test('a promise that can never be settled is told at once, not after the time-out', async () => {
  const service = await testService();
  await service.add('export const handler = () => new Promise(() => {});');
  expect((await service.call('f')).answer.errorType).toBe('Runtime.NodeJsExit');
});

test.each([
  ['a module that imports what is not there', "import 'no-such-package';", 'Runtime.ImportModuleError'],
  ['a syntax error', 'export const handler = async () => {', 'Runtime.UserCodeSyntaxError'],
  ['no such export', 'export const other = 1;', 'Runtime.HandlerNotFound'],
  ['an export that is no function', 'export const handler = 1;', 'Runtime.HandlerNotFound'],
  ['a handler with a callback', 'export const handler = (a, b, done) => {};', 'Runtime.CallbackHandlerDeprecated'],
  ['a module that throws', "throw new RangeError('at the top');", 'RangeError'],
  ['a module that ends the process', 'process.exit(3);', 'Runtime.ExitError'],
])('%s is told to the invoker', async (_, source, errorType) => {
  const service = await testService();
  await service.add(source);
  const { functionError, answer } = await service.call('f');
  expect(functionError).toBe('Unhandled');
  expect(answer.errorType).toBe(errorType);
  expect(service.log.entries).toContainEqual(expect.objectContaining({ level: 'error', source: 'f' }));
});

test('a missing file and a missing folder are told to the invoker', async () => {
  const service = await testService();
  await service.add('', { name: 'file', handler: 'other.handler' });
  await service.add('', { name: 'folder', codeDir: path.join(await codeDir(''), 'nowhere') });
  expect((await service.call('file')).answer).toMatchObject({
    errorType: 'Runtime.ImportModuleError',
    errorMessage: "Error: Cannot find module 'other'",
  });
  expect((await service.call('folder')).answer.errorType).toBe('Runtime.ExitError');
});

test('a start that failed is tried again by the next invocation', async () => {
  const service = await testService();
  const folder = await codeDir('throw new Error("not yet");');
  await service.add('', { codeDir: folder });
  expect((await service.call('f')).functionError).toBe('Unhandled');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(path.join(folder, 'index.mjs'), 'export const handler = async () => "now";');
  expect((await service.call('f')).answer).toBe('now');
});

test('a start that hangs is ended after its own and the function’s time-out', async () => {
  const clock = createManualClock();
  const service = await testService({ clock });
  await service.add("console.log('loading'); setInterval(() => {}, 1000); await new Promise(() => {});", {
    timeoutMs: 3000,
  });
  const call = service.call('f');
  await eventually(() => expect(service.log.entries.map(({ text }) => text)).toContain('loading'));
  await clock.advance(13_000);
  expect((await call).answer.errorType).toBe('Sandbox.Timedout');
});

test('fifty invocations at once over four environments are all answered, each by itself', async () => {
  const service = await testService({ maxEnvironmentsPerFunction: 4 });
  await service.add(`
    let running = 0;
    export const handler = async ({ n }) => {
      running += 1;
      const most = running;
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return { n, most, pid: process.pid };
    };
  `);
  const calls = await Promise.all(Array.from({ length: 50 }, (_, n) => service.call('f', { n })));
  expect(calls.map(({ answer }) => answer.n)).toEqual(Array.from({ length: 50 }, (_, n) => n));
  expect(calls.every(({ answer }) => answer.most === 1)).toBe(true);
  expect(new Set(calls.map(({ answer }) => answer.pid)).size).toBeLessThanOrEqual(4);
  expect(service.environmentIds().length).toBeLessThanOrEqual(4);
});

test.each([
  ['of the service', { maxEnvironmentsPerFunction: 4 }, {}],
  ['of the function', { maxEnvironmentsPerFunction: 1 }, { maxEnvironments: 4 }],
])('as many invocations as the limit %s allows run at one time, and the next waits in line', async (_, ofAll, own) => {
  const service = await testService(ofAll);
  const code = `
    export const handler = ({ n }) => {
      console.log('begun', n);
      return new Promise((resolve) => {
        setInterval(() => {}, 1000);
        process.once('SIGUSR2', () => resolve(n));
      });
    };
  `;
  await service.add(code, own);
  const begun = () => service.log.entries.filter(({ text }) => text.startsWith('begun')).length;
  const calls = Promise.all([1, 2, 3, 4, 5].map((n) => service.call('f', { n })));
  await eventually(() => expect(begun()).toBe(4));
  const [first, ...others] = service.environmentIds();
  expect(others).toHaveLength(3);
  process.kill(first!, 'SIGUSR2');
  await eventually(() => expect(begun()).toBe(5));
  expect(service.environmentIds()).toEqual([first, ...others]);
  for (const pid of [first!, ...others]) process.kill(pid, 'SIGUSR2');
  expect((await calls).map(({ answer }) => answer)).toEqual([1, 2, 3, 4, 5]);
});

// A line that was longer than its callers' patience was worked off in full, for nobody: it never grew shorter again.
test('a call that has waited too long for an environment is refused, as one over the limit is, and never begun', async () => {
  const clock = createManualClock();
  const service = await testService({ clock, maxEnvironmentsPerFunction: 1 });
  await service.add(
    "export const handler = ({ n }) => { console.log('begun', n); return new Promise(() => setInterval(() => {}, 1000)); };",
    {
      timeoutMs: 60_000,
    },
  );
  const first = service.call('f', { n: 1 });
  await eventually(() => expect(service.log.entries.some(({ text }) => text === 'begun 1')).toBe(true));
  const second = service.invoke('f', { n: 2 }).catch((error: Error) => error.message);
  await clock.advance(60_000);
  expect(await second).toBe('Rate Exceeded.');
  await first;
  expect(service.log.entries.some(({ text }) => text === 'begun 2')).toBe(false);
});

test('idle environments are ended after some minutes', async () => {
  const clock = createManualClock();
  const service = await testService({ clock });
  await service.add('export const handler = async () => process.pid;');
  const { answer: pid } = await service.call('f');
  await clock.advance(4 * 60_000);
  expect((await service.call('f')).answer).toBe(pid);
  await clock.advance(4 * 60_000);
  expect(service.environmentIds()).toEqual([pid]);
  await clock.advance(60_000);
  await untilGone([pid]);
  expect((await service.call('f')).answer).not.toBe(pid);
});

test('an idle environment that somebody else ended is replaced', async () => {
  const service = await testService();
  await service.add('export const handler = async () => process.pid;');
  const { answer: pid } = await service.call('f');
  process.kill(pid, 'SIGKILL');
  await eventually(() => expect(service.environmentIds()).toEqual([]));
  expect((await service.call('f')).answer).not.toBe(pid);
});

test('pre-warming starts one environment of each function, which the first invocation uses', async () => {
  const service = await testService();
  await service.add('export const handler = async () => process.pid;', { name: 'a' });
  await service.add('export const handler = async () => process.pid;', { name: 'b' });
  await service.add('throw new Error();', { name: 'broken' });
  await service.prewarm();
  const warm = service.environmentIds();
  expect(warm).toHaveLength(2);
  expect([(await service.call('a')).answer, (await service.call('b')).answer].toSorted()).toEqual(warm.toSorted());
});

test('what a function prints is in the log under its name, between START and END', async () => {
  const service = await testService();
  await service.add("export const handler = async () => { console.log('out'); console.error('err'); return 1; };");
  await service.call('f');
  await eventually(() => expect(service.log.entries.at(-1)?.text).toMatch(/^REPORT /));
  const texts = service.log.entries.map(({ source, text }) => `${source} ${text.split(' ')[0]}`);
  expect(texts[0]).toBe('f INIT_START');
  expect(texts[1]).toBe('f START');
  expect(texts.slice(2, 4).toSorted()).toEqual(['f err', 'f out']);
  expect(texts.slice(4)).toEqual(['f END', 'f REPORT']);
  expect(service.log.entries.every(({ level }) => level === 'line')).toBe(true);
});

test('a megabyte of output is in the log when the handler has returned', async () => {
  const service = await testService();
  await service.add("export const handler = async () => { console.log('x'.repeat(1e6)); return 1; };");
  await service.call('f');
  await eventually(() => expect(service.log.entries.some(({ text }) => text.length === 1e6)).toBe(true));
});

test('a payload over 6 MB is refused, and so is an answer', async () => {
  const service = await testService();
  await service.add('export const handler = async (event) => event.answer ? "x".repeat(event.answer) : event.length;');
  expect((await service.call('f', 'x'.repeat(6 * 1024 * 1024 - 2))).answer).toBe(6 * 1024 * 1024 - 2);
  await expect(service.call('f', 'x'.repeat(6 * 1024 * 1024))).rejects.toMatchObject({
    code: 'RequestTooLargeException',
  });
  const { functionError, answer } = await service.call('f', { answer: 6 * 1024 * 1024 });
  expect(functionError).toBe('Unhandled');
  expect(answer.errorType).toBe('Function.ResponseSizeTooLarge');
});

test('an unknown function, another account’s and another version are not found', async () => {
  const service = await testService();
  await service.add('export const handler = async () => 1;');
  for (const name of ['g', `arn:aws:lambda:${REGION}:999999999999:function:f`, 'f:7', 'f:live', '']) {
    await expect(service.invoke(name, {})).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    expect(() => service.invokeAsync(name, {})).toThrow('Function not found');
  }
  for (const name of ['f:$LATEST', `${ACCOUNT_ID}:function:f`, `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:f`]) {
    expect((await service.call(name)).answer).toBe(1);
  }
});

test('stopping ends every process, running or frozen, and refuses whoever waits', async () => {
  const service = await testService({ maxEnvironmentsPerFunction: 1 });
  await service.add('export const handler = async () => process.pid;', { name: 'idle' });
  await service.add(
    "export const handler = () => { console.log('busy'); return new Promise(() => setInterval(() => {}, 1000)); };",
  );
  const { answer: idle } = await service.call('idle');
  const running = service.call('f');
  const inLine = service.call('f');
  const refusals = Promise.allSettled([running, inLine]);
  await eventually(() => expect(service.log.entries.map(({ text }) => text)).toContain('busy'));
  const pids = service.environmentIds();
  expect(pids).toHaveLength(2);
  expect(pids).toContain(idle);

  await service[Symbol.asyncDispose]();

  for (const pid of pids) expect(await isRunning(pid)).toBe(false);
  for (const { status } of await refusals) expect(status).toBe('rejected');
  await expect(service.call('idle')).rejects.toMatchObject({ code: 'ServiceException' });
});
