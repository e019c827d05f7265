import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CredentialStore } from '../iam/credentials.ts';
import { accessKeyIdOf, isPresigned, verifyPresigned } from '../iam/signature-v4.ts';

/** Why a request may not go on; undefined: it may. */
export interface Refused {
  readonly code: string;
  readonly message: string;
}

/** Nothing is public: a request is presigned, or signed with a key that was given out here, or it is refused. */
export function checkAccess(request: FastifyRequest, credentials: CredentialStore, now: number): Refused | undefined {
  const { method, headers } = request;
  const target = request.raw.url ?? '/';
  if (isPresigned(target)) {
    const verdict = verifyPresigned({ method, target, headers }, (id) => credentials.find(id), now);
    return verdict.allowed ? undefined : verdict;
  }
  const accessKeyId = accessKeyIdOf(headers);
  if (accessKeyId === undefined) return { code: 'AccessDenied', message: 'Access Denied' };
  if (credentials.find(accessKeyId)) return undefined;
  return { code: 'InvalidAccessKeyId', message: 'The AWS access key ID you provided does not exist in our records.' };
}

/** In the form that the client of the service expects: SQS speaks JSON, S3 XML. */
export async function sendRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  { code, message }: Refused,
): Promise<void> {
  if (request.headers['x-amz-target']) {
    const body = { __type: `com.amazonaws.sqs#${code}`, message };
    await reply.status(403).header('content-type', 'application/x-amz-json-1.0').send(JSON.stringify(body));
    return;
  }
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  await reply.status(403).header('content-type', 'application/xml').send(body);
}
