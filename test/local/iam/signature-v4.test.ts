import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect, test } from 'vitest';
import { type CredentialStore, openCredentialStore } from '../../../local/iam/credentials.ts';
import { verifyPresigned } from '../../../local/iam/signature-v4.ts';

const SIGNED_AT = Date.UTC(2026, 0, 31, 12);

async function presign(
  credentials: CredentialStore,
  command = new GetObjectCommand({ Bucket: 'b', Key: "a b/ü+(1)'.txt" }),
) {
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:4000',
    credentials: credentials.issue('process'),
  });
  const url = new URL(
    await getSignedUrl(client, command as GetObjectCommand, { expiresIn: 60, signingDate: new Date(SIGNED_AT) }),
  );
  client.destroy();
  return url;
}

function verify(credentials: CredentialStore, url: URL, { method = 'GET', now = SIGNED_AT } = {}) {
  const request = { method, target: url.pathname + url.search, headers: { host: url.host } };
  return verifyPresigned(request, (id) => credentials.find(id), now);
}

test('a link that the SDK signed is good until its time is over', async () => {
  const credentials = await openCredentialStore();
  const url = await presign(credentials);
  expect(verify(credentials, url)).toMatchObject({ allowed: true, principal: { name: 'process' } });
  expect(verify(credentials, url, { now: SIGNED_AT + 60_000 })).toMatchObject({ allowed: true });
  expect(verify(credentials, url, { now: SIGNED_AT + 60_001 })).toMatchObject({ allowed: false, code: 'AccessDenied' });
});

function withParameter(url: URL, name: string, value: string): URL {
  const changed = new URL(url);
  changed.searchParams.set(name, value);
  return changed;
}

test.each([
  ['another key', (url: URL) => new URL(`/b/other${url.search}`, url)],
  ['another bucket', (url: URL) => new URL(url.href.replace('/b/', '/c/'))],
  ['a longer life', (url: URL) => withParameter(url, 'X-Amz-Expires', '600')],
  ['another signature', (url: URL) => withParameter(url, 'X-Amz-Signature', '0'.repeat(64))],
  ['a parameter more', (url: URL) => withParameter(url, 'response-content-type', 'text/html')],
  ['another host', (url: URL) => new URL(url.href.replace(':4000', ':4001'))],
])('a link changed to %s is refused', async (_what, change) => {
  const credentials = await openCredentialStore();
  const url = change(await presign(credentials));
  expect(verify(credentials, url)).toMatchObject({ allowed: false, code: 'SignatureDoesNotMatch' });
});

test('a link to read cannot be used to write, and one to write can', async () => {
  const credentials = await openCredentialStore();
  expect(verify(credentials, await presign(credentials), { method: 'PUT' })).toMatchObject({ allowed: false });
  const put = await presign(credentials, new PutObjectCommand({ Bucket: 'b', Key: 'k' }) as never);
  expect(verify(credentials, put, { method: 'PUT' })).toMatchObject({ allowed: true });
});

test('a link of unknown credentials is refused', async () => {
  const url = await presign(await openCredentialStore());
  expect(verify(await openCredentialStore(), url)).toMatchObject({ allowed: false, code: 'InvalidAccessKeyId' });
});
