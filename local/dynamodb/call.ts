import type { Credentials } from '../iam/credentials.ts';
import { claimOf } from '../iam/signature-v4.ts';

export class DynamoDbError extends Error {
  override readonly name = 'DynamoDbError';
  /** `ResourceNotFoundException` and the like. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** One call without the SDK, which takes longer to load than the whole of the service to start. */
export async function callDynamoDb(
  url: string,
  { accessKeyId }: Credentials,
  operation: string,
  input: object,
): Promise<Record<string, unknown>> {
  const now = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': now,
      authorization: claimOf(accessKeyId, 'dynamodb'),
    },
    body: JSON.stringify(input),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (response.ok) return answer;
  const code = String(answer.__type).split('#').at(-1)!;
  throw new DynamoDbError(code, `${operation}: ${answer.message ?? answer.Message ?? code}`);
}
