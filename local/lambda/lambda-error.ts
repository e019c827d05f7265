/** The exceptions of the Lambda API that can happen here, by their names on the wire. */
export type LambdaErrorCode =
  | 'AccessDeniedException'
  | 'InvalidParameterValueException'
  | 'InvalidRequestContentException'
  | 'MissingAuthenticationTokenException'
  | 'RequestTooLargeException'
  | 'ResourceNotFoundException'
  | 'ServiceException'
  | 'TooManyRequestsException'
  | 'UnknownOperationException'
  | 'UnrecognizedClientException';

/** The call was refused, or could not be carried out; the function itself is not to blame. */
export class LambdaError extends Error {
  override readonly name = 'LambdaError';
  readonly code: LambdaErrorCode;

  constructor(code: LambdaErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
