import type { AuthorizeManagement } from '../apigateway/management-api.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { CredentialStore } from '../iam/credentials.ts';
import { refusalMessage } from '../iam/refusal.ts';
import type { Authorize } from '../lambda/lambda-api.ts';
import { LambdaError } from '../lambda/lambda-error.ts';

const UNKNOWN_KEY = 'The security token included in the request is invalid.';

/** Of the Lambda API, by which functions invoke each other. */
export function authorizeInvocations(access: AccessControl, credentials: CredentialStore): Authorize {
  return ({ accessKeyId, action, functionArn }) => {
    if (accessKeyId === undefined)
      return new LambdaError('MissingAuthenticationTokenException', 'Missing Authentication Token');
    const principal = credentials.find(accessKeyId);
    if (!principal) return new LambdaError('UnrecognizedClientException', UNKNOWN_KEY);
    const refusal = access.refusalOf(principal, [{ action, resource: functionArn }]);
    return refusal && new LambdaError('AccessDeniedException', refusalMessage(refusal));
  };
}

/** Of the @connections API. */
export function authorizeSockets(access: AccessControl, credentials: CredentialStore): AuthorizeManagement {
  return ({ accessKeyId, action, resource }) => {
    const principal = credentials.find(accessKeyId ?? '');
    if (!principal) return { error: 'UnrecognizedClientException', message: UNKNOWN_KEY };
    const refusal = access.refusalOf(principal, [{ action, resource }]);
    return (
      refusal && { error: 'AccessDeniedException', message: refusalMessage(refusal, { resource: shown(resource) }) }
    );
  };
}

/** API Gateway shows only the end of the account, and no connection. */
function shown(resource: string): string {
  return resource.replace(/(?<=:)\d{8}(?=\d{4}:)/, '********').replace(/(?<=@connections\/).*$/, '{connectionId}');
}
