import type { FastifyReply, FastifyRequest } from 'fastify';
import { s3OrSqsCall } from '../faults/http-calls.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { CredentialStore, Principal } from '../iam/credentials.ts';
import { type Refusal, refusalMessage } from '../iam/refusal.ts';
import { accessKeyIdOf, isPresigned, verifyPresigned } from '../iam/signature-v4.ts';
import { keyOf, permissionToMiss, s3Permissions } from './s3-permissions.ts';
import { sqsPermissions } from './sqs-permissions.ts';

/** Why a request may not go on. */
export interface Refused {
  readonly code: string;
  readonly message: string;
}

const DENIED: Refused = { code: 'AccessDenied', message: 'Access Denied' };

/** Nothing is public: a request is presigned, or signed with a key that was given out here, or it is refused. */
export function identify(request: FastifyRequest, credentials: CredentialStore, now: number): Principal | Refused {
  const { method, headers } = request;
  const target = targetOf(request);
  if (isPresigned(target)) {
    const verdict = verifyPresigned({ method, target, headers }, (id) => credentials.find(id), now);
    return verdict.allowed ? verdict.principal : verdict;
  }
  const accessKeyId = accessKeyIdOf(headers);
  if (accessKeyId === undefined) return DENIED;
  const message = 'The AWS access key ID you provided does not exist in our records.';
  return credentials.find(accessKeyId) ?? { code: 'InvalidAccessKeyId', message };
}

/** @param exists whether there is such an object: that too is told only to who may know. */
export function refuseS3(
  request: FastifyRequest,
  principal: Principal,
  access: AccessControl,
  exists: (bucket: string, key: string) => boolean,
): Refused | undefined {
  const { operation, service } = s3OrSqsCall(request.raw) ?? {};
  if (service === 'sqs') return undefined; // its queue is named in the body
  const target = targetOf(request);
  const permissions = s3Permissions({ operation, target, headers: request.headers }, access.environment);
  if (permissions === undefined) return access.limits(principal) ? notImplemented(request) : undefined;
  const refusal = access.refusalOf(principal, permissions);
  if (refusal) return s3Refusal(refusal);
  if (operation !== 'GetObject' && operation !== 'HeadObject') return undefined;
  const [, bucket = ''] = target.split(/[/?]/);
  if (exists(decodeURIComponent(bucket), keyOf(target))) return undefined;
  const missing = access.refusalOf(principal, [permissionToMiss(target, access.environment)]);
  return missing && s3Refusal(missing);
}

/** MUST be called when the body is there. */
export function refuseSqs(request: FastifyRequest, principal: Principal, access: AccessControl): Refused | undefined {
  const call = s3OrSqsCall(request.raw);
  if (call?.service !== 'sqs') return undefined;
  const refusal = access.refusalOf(principal, sqsPermissions(call.operation, request.body, access.environment));
  if (refusal === undefined) return undefined;
  const action = refusal.permission.action.toLowerCase(); // as SQS writes it
  return { code: 'AccessDenied', message: refusalMessage(refusal, { action }) };
}

function s3Refusal(refusal: Refusal): Refused {
  const resource = `"${refusal.permission.resource}"`; // as S3 writes it
  return { code: 'AccessDenied', message: refusalMessage(refusal, { resource }) };
}

/** Let through, it would be a way around every policy. */
function notImplemented({ method, raw }: FastifyRequest): Refused {
  return { code: 'NotImplemented', message: `What ${method} ${raw.url} needs to be allowed is not known here.` };
}

function targetOf(request: FastifyRequest): string {
  return request.raw.url ?? '/';
}

/** In the form that the client of the service expects: SQS speaks JSON, S3 XML. */
export async function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  { code, message }: Refused,
): Promise<void> {
  const status = code === 'NotImplemented' ? 501 : 403;
  if (request.headers['x-amz-target']) {
    // The name of the JSON protocol; the header has the one of the older protocol, which the SDKs go by.
    const type =
      code === 'AccessDenied' ? 'com.amazon.coral.service#AccessDeniedException' : `com.amazonaws.sqs#${code}`;
    await reply
      .status(status)
      .header('content-type', 'application/x-amz-json-1.0')
      .header('x-amzn-query-error', `${code};Sender`)
      .send(JSON.stringify({ __type: type, message }));
    return;
  }
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
  await reply.status(status).header('content-type', 'application/xml').send(body);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
