import {
  InvocationType,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  LambdaServiceException,
} from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { LambdaError } from '../../../local/lambda/lambda-error.ts';
import type { LambdaServiceOptions } from '../../../local/lambda/lambda-service.ts';
import { eventually } from '../eventually.ts';
import { ACCOUNT_ID, REGION, type TestService, testService } from './support.ts';

async function serviceAndClient(
  options: Partial<LambdaServiceOptions> = {},
): Promise<{ service: TestService; client: LambdaClient }> {
  const service = await testService(options);
  const credentials = { accessKeyId: 'ASIATEST', secretAccessKey: 'secret' };
  const client = new LambdaClient({ endpoint: service.url, region: REGION, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return { service, client };
}

const ECHO = 'export const handler = async (event, context) => ({ event, arn: context.invokedFunctionArn });';

test('the SDK client invokes and gets the answer', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(ECHO);
  const answer = await client.send(new InvokeCommand({ FunctionName: 'f', Payload: JSON.stringify({ ünï: '✓' }) }));
  expect(answer.StatusCode).toBe(200);
  expect(answer.FunctionError).toBeUndefined();
  expect(answer.ExecutedVersion).toBe('$LATEST');
  expect(answer.Payload!.transformToString()).toBe(
    JSON.stringify({ event: { ünï: '✓' }, arn: `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:f` }),
  );
});

test('the SDK client of a function follows its environment to here', async () => {
  const { service } = await serviceAndClient();
  await service.add(ECHO);
  const sdk = new URL('../../../node_modules/@aws-sdk/client-lambda/dist-cjs/index.js', import.meta.url).href;
  await service.add(
    `import lambda from ${JSON.stringify(sdk)};
     const client = new lambda.LambdaClient({});
     export const handler = async () => {
       const { Payload } = await client.send(new lambda.InvokeCommand({ FunctionName: 'f', Payload: '[1]' }));
       return JSON.parse(Payload.transformToString()).event;
     };`,
    { name: 'caller', environment: { AWS_ENDPOINT_URL_LAMBDA: service.url } },
  );
  expect(await service.call('caller')).toEqual({ answer: [1] });
});

test.each([
  'f',
  'f:$LATEST',
  `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:f`,
  `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:f:$LATEST`,
])('the function may be named %s', async (FunctionName) => {
  const { service, client } = await serviceAndClient();
  await service.add(ECHO);
  expect((await client.send(new InvokeCommand({ FunctionName }))).StatusCode).toBe(200);
});

test('an unknown function, or an unknown qualifier, is a ResourceNotFoundException', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(ECHO);
  const calls = [
    new InvokeCommand({ FunctionName: 'g' }),
    new InvokeCommand({ FunctionName: 'f', Qualifier: 'live' }),
    new InvokeCommand({ FunctionName: 'g', InvocationType: 'Event' }),
  ];
  for (const call of calls) {
    await expect(client.send(call)).rejects.toMatchObject({ name: 'ResourceNotFoundException', Type: 'User' });
  }
  await expect(client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'g' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: `Function not found: arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:g`,
  });
});

test('a function error comes with its header and its JSON', async () => {
  const { service, client } = await serviceAndClient();
  await service.add('export const handler = async () => { throw new RangeError("too far"); };');
  const answer = await client.send(new InvokeCommand({ FunctionName: 'f' }));
  expect(answer.StatusCode).toBe(200);
  expect(answer.FunctionError).toBe('Unhandled');
  expect(JSON.parse(answer.Payload!.transformToString())).toMatchObject({ errorType: 'RangeError' });
});

test('an asynchronous invocation is accepted at once and run once', async () => {
  const { service, client } = await serviceAndClient();
  await service.add('export const handler = async (event) => { console.log("ran", event.n); };');
  const answer = await client.send(
    new InvokeCommand({ FunctionName: 'f', InvocationType: InvocationType.Event, Payload: '{"n":1}' }),
  );
  expect(answer.StatusCode).toBe(202);
  await eventually(() => expect(service.log.entries.at(-1)?.text).toMatch(/^REPORT/));
  expect(service.log.entries.filter(({ text }) => text === 'ran 1')).toHaveLength(1);
});

test('a dry run starts nothing', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(ECHO);
  const answer = await client.send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'DryRun' }));
  expect(answer.StatusCode).toBe(204);
  expect(service.environmentIds()).toEqual([]);
});

test('a payload that is too large is refused, 6 MB for an answer and 1 MB for an event', async () => {
  const { service, client } = await serviceAndClient();
  await service.add('export const handler = async (event) => event.length;');
  const send = (InvocationType: InvocationType, bytes: number) =>
    client.send(new InvokeCommand({ FunctionName: 'f', InvocationType, Payload: `"${'x'.repeat(bytes - 2)}"` }));
  const MB = 1024 * 1024;
  expect((await send('RequestResponse', 6 * MB)).StatusCode).toBe(200);
  await expect(send('RequestResponse', 6 * MB + 1)).rejects.toMatchObject({ name: 'RequestTooLargeException' });
  expect((await send('Event', MB)).StatusCode).toBe(202);
  await expect(send('Event', MB + 1)).rejects.toMatchObject({ name: 'RequestTooLargeException' });
});

test('a payload that is no JSON is refused, and so is a path that is no operation', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(ECHO);
  await expect(client.send(new InvokeCommand({ FunctionName: 'f', Payload: '{' }))).rejects.toMatchObject({
    name: 'InvalidRequestContentException',
  });
  const response = await fetch(`${service.url}/2015-03-31/functions`);
  expect(response.status).toBe(404);
  expect(response.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
});

test('a caller that may not is refused, by its key and the function’s ARN, and nothing runs', async () => {
  const authorize = vi.fn(() => new LambdaError('AccessDeniedException', 'User: it may not'));
  const { service, client } = await serviceAndClient({ authorize });
  await service.add(ECHO);
  const refused = client.send(new InvokeCommand({ FunctionName: 'f' }));
  await expect(refused).rejects.toBeInstanceOf(LambdaServiceException);
  await expect(refused).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: 'User: it may not',
    $metadata: { httpStatusCode: 403 },
  });
  expect(authorize).toHaveBeenCalledExactlyOnceWith({
    accessKeyId: 'ASIATEST',
    action: 'lambda:InvokeFunction',
    functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:f`,
  });
  expect(service.environmentIds()).toEqual([]);
});

interface Received {
  chunks: string[];
  complete?: { ErrorCode?: string; ErrorDetails?: string };
}

async function receive(
  client: LambdaClient,
  FunctionName: string,
  Payload = '{}',
  onChunk = async () => {},
): Promise<Received> {
  const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload }));
  const received: Received = { chunks: [] };
  for await (const { PayloadChunk, InvokeComplete } of EventStream!) {
    if (PayloadChunk) {
      received.chunks.push(Buffer.from(PayloadChunk.Payload!).toString());
      await onChunk();
    }
    if (InvokeComplete) received.complete = InvokeComplete;
  }
  return received;
}

const STREAMING = `
  export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
    stream.setContentType('application/x-ndjson');
    for (const line of event.lines) stream.write(line);
    if (event.fail) throw new RangeError('half-way');
    if (event.hang) await new Promise(() => setInterval(() => {}, 1000));
    stream.end();
  });`;

test('a streamed response arrives in its chunks, and then its end', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(STREAMING);
  expect(await receive(client, 'f', '{"lines":["one\\n","two\\n"]}')).toEqual({
    chunks: ['one\n', 'two\n'],
    complete: {},
  });
  expect(await receive(client, 'f', '{"lines":["again\\n"]}')).toEqual({ chunks: ['again\n'], complete: {} });
});

test('chunks arrive while the handler still runs', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(STREAMING);
  const Payload = '{"lines":["first"],"hang":true}';
  const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'f', Payload }));
  for await (const { PayloadChunk } of EventStream!) {
    expect(Buffer.from(PayloadChunk!.Payload!).toString()).toBe('first');
    break;
  }
});

test('a large streamed response is whole, far beyond 6 MB', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(`
    import { pipeline } from 'node:stream/promises';
    import { Readable } from 'node:stream';
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      await pipeline(Readable.from(Array.from({ length: 200 }, (_, n) => Buffer.alloc(100_000, n))), stream);
    });`);
  const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'f' }));
  const pieces: Uint8Array[] = [];
  for await (const { PayloadChunk } of EventStream!) if (PayloadChunk) pieces.push(PayloadChunk.Payload!);
  const expected = Buffer.concat(Array.from({ length: 200 }, (_, n) => Buffer.alloc(100_000, n)));
  expect(Buffer.concat(pieces).equals(expected)).toBe(true);
});

test('a handler that fails after its first chunks is told in the end of the stream', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(STREAMING);
  const { chunks, complete } = await receive(client, 'f', '{"lines":["one"],"fail":true}');
  expect(chunks).toEqual(['one']);
  expect(complete?.ErrorCode).toBe('Unhandled');
  expect(JSON.parse(complete!.ErrorDetails!)).toMatchObject({ errorType: 'RangeError', errorMessage: 'half-way' });
});

test('a streaming handler that is too slow is told in the end of the stream', async () => {
  const clock = createManualClock();
  const { service, client } = await serviceAndClient({ clock });
  await service.add(STREAMING, { timeoutMs: 3000 });
  const hangs = '{"lines":["one"],"hang":true}';
  const { chunks, complete } = await receive(client, 'f', hangs, () => clock.advance(3000));
  expect(chunks).toEqual(['one']);
  expect(JSON.parse(complete!.ErrorDetails!)).toMatchObject({ errorType: 'Sandbox.Timedout' });
});

test('a handler that does not stream answers a streaming call with one chunk', async () => {
  const { service, client } = await serviceAndClient();
  await service.add('export const handler = async () => ({ a: 1 });');
  expect(await receive(client, 'f')).toEqual({ chunks: ['{"a":1}'], complete: {} });
});

test('a handler that streams answers a plain call with all that it wrote', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(STREAMING);
  const answer = await client.send(new InvokeCommand({ FunctionName: 'f', Payload: '{"lines":["[1,","2]"]}' }));
  expect(answer.Payload!.transformToString()).toBe('[1,2]');
});

test('a caller that aborts its streaming call does not stop the function, which writes on to nobody', async () => {
  const { service, client } = await serviceAndClient();
  await service.add(`
    let told = false;
    process.on('SIGUSR2', () => { told = true; });
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      for (let n = 0; !told; n += 1) {
        stream.write('x');
        console.log('written', n);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      stream.end('never heard');
      console.log('finished');
    });`);
  const abort = new AbortController();
  const command = new InvokeWithResponseStreamCommand({ FunctionName: 'f' });
  const { EventStream } = await client.send(command, { abortSignal: abort.signal });
  for await (const { PayloadChunk } of EventStream!) {
    expect(PayloadChunk).toBeDefined();
    break;
  }
  abort.abort();
  const written = service.log.entries.length;
  await eventually(() => expect(service.log.entries.length).toBeGreaterThan(written + 100));
  process.kill(service.environmentIds()[0]!, 'SIGUSR2');
  await eventually(() => expect(service.log.entries.map(({ text }) => text)).toContain('finished'));
});
