import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';

/** Any UUID, or what another service names its requests by. No punctuation that could mean anything where it is pasted. */
const USABLE = /^[A-Za-z0-9_-]{8,64}$/;

/**
 * The name of one request in all logs, and of all that comes of it: the caller's own where it sent one that can be used, else
 * that of the gateway, which stands in the gateway's logs as well.
 */
export function correlationIdOf(
  { requestContext }: Pick<APIGatewayProxyEvent, 'requestContext'>,
  sent: string | undefined,
): string {
  if (sent !== undefined && USABLE.test(sent)) return sent;
  return requestContext?.requestId ?? randomUUID();
}
