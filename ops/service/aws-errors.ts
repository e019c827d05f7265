import { OperationError } from '../command.ts';
import { type AwsTarget, awsOptions } from './target.ts';

/** What went wrong with a call to AWS, in a sentence that says what to do; what is not known to go wrong is thrown as it is. */
export async function callAws<T>(target: AwsTarget, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw explained(target, error as Error) ?? error;
  }
}

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'];
const REFUSED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'];
const UNKNOWN_KEY = ['InvalidClientTokenId', 'UnrecognizedClientException', 'SignatureDoesNotMatch', 'AuthFailure'];

function explained(target: AwsTarget, cause: Error): OperationError | undefined {
  const { name, message } = cause;
  const how = `Log in (aws sso login${awsOptions({ ...target, region: undefined })}), set AWS_PROFILE, or pass --profile <name>.`;
  const fail = (code: OperationError['code'], text: string) => new OperationError(code, text, { cause });
  if (/region is missing/i.test(message)) {
    return fail('no-region', 'No region is set. Pass --region <name>, or set AWS_REGION.');
  }
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return fail('no-credentials', `No credentials of an AWS account were found: ${firstLine(message)}. ${how}`);
  }
  if (EXPIRED.includes(name)) return fail('no-credentials', `The AWS credentials have expired. ${how}`);
  if (UNKNOWN_KEY.includes(name)) return fail('no-credentials', `AWS does not know these credentials. ${how}`);
  if (REFUSED.includes(name)) {
    return fail('refused-by-aws', `AWS refuses this: ${firstLine(message)}. Use credentials that may do it.`);
  }
  const { code } = cause as { code?: unknown };
  if (name === 'TimeoutError' || /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT)$/.test(String(code))) {
    return fail('aws-unreachable', `AWS cannot be reached (${firstLine(message)}). Check the network and the region.`);
  }
  return undefined;
}

function firstLine(message: string): string {
  return message.split('\n')[0]!.replace(/\.$/, '');
}
