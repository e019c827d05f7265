/** A statement that means something on AWS which is not known here. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly code = 'POLICY';
}
