import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { postRequest } from '../../../adapters/forward/post-request.ts';
import { createManualClock } from '../../../adapters/memory/clock.ts';
import { forwarding, outcomeOf, startRawUpstream, throughPauses, WAIT } from './harness.ts';

/** Made for this test, of nobody, until 2126: no client trusts it. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBjzCCATagAwIBAgIUAWo3BYDYA+1t/3YzrQnrqzAY8RIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMzAzNDgzOFoYDzIxMjYxMDMw
MDM0ODM4WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARB9xzW/TfYADwqzpUY6tQg2MMcnGgLLcjwm3HbMcwPiyHySi2KQcmO
Z9oWc40LMNsME2yCQ1bpWOnWg9W2e7iOo2QwYjAdBgNVHQ4EFgQUjhGxeTpuXvLb
yHus2AIGm0/hDdcwHwYDVR0jBBgwFoAUjhGxeTpuXvLbyHus2AIGm0/hDdcwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0cAMEQC
IBX2hjrbMaqtFMDFJ03NzqAGrixt308A3WCFuhCM2bTpAiA0hBjwG7B9k8YbR5Fd
cSp8/zbGjJCIgsQV7Uz3kl0APQ==
-----END CERTIFICATE-----`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4U4S3+d/M5Lp5SWt
Rm3zpZmadcRQTaLIr7OfwZ3k3z+hRANCAARB9xzW/TfYADwqzpUY6tQg2MMcnGgL
Lcjwm3HbMcwPiyHySi2KQcmOZ9oWc40LMNsME2yCQ1bpWOnWg9W2e7iO
-----END PRIVATE KEY-----`;

const REQUEST = {
  path: '/',
  headers: {},
  bytes: 1,
  async *body() {
    yield Buffer.from('x');
  },
  [Symbol.dispose]: () => {},
};

/** No real connect takes so long: what ends before it was ended by something else. */
const LONG_MS = 10 * 60_000;

describe('while a connection is being made', () => {
  it('an abort is heard at once, and the connection is let go', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled');
    // Takes the connection, and never says a word of TLS.
    await using upstream = await startRawUpstream((socket) => socket.resume());
    const url = upstream.url.replace('http:', 'https:');
    const options = { onSent: () => {}, signal: abort.signal, connectTimeoutMs: LONG_MS };
    const ended = outcomeOf(postRequest(url, REQUEST, options));
    await expect.poll(() => upstream.connections, WAIT).toBe(1);
    abort.abort(reason);
    await expect.poll(() => ended.error, WAIT).toBe(reason);
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });

  it('silence ends it', async () => {
    await using upstream = await startRawUpstream((socket) => socket.resume());
    const url = upstream.url.replace('http:', 'https:');
    const options = { onSent: () => {}, signal: new AbortController().signal, connectTimeoutMs: 1 };
    await expect(postRequest(url, REQUEST, options)).rejects.toMatchObject({
      name: 'ConnectFailure',
      cause: { code: 'UND_ERR_CONNECT_TIMEOUT' },
    });
    await expect.poll(() => upstream.open.size, WAIT).toBe(0);
  });
});

describe('a certificate that is not trusted', () => {
  it('ends the source: asking again would not help, and nothing was sent', async () => {
    let asked = 0;
    await using server = createServer({ cert: CERTIFICATE, key: KEY }, () => {
      asked += 1;
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const test = await forwarding(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await test.failure()).code).toBe('upstream-unreachable');
    expect(test.log.of('forward-failed')).toMatchObject([
      { tries: 1, again: false, cause: { cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } } },
    ]);
    expect(asked).toBe(0);
  });
});

describe('a server that does not speak TLS', () => {
  it('is asked again, as one that is about to start would be', async () => {
    const clock = createManualClock();
    await using upstream = await startRawUpstream((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const test = await forwarding(upstream.url.replace('http:', 'https:'), { clock });
    expect((await throughPauses(clock, test.failure())).code).toBe('upstream-unreachable');
    expect(upstream.connections).toBe(4);
  });
});
