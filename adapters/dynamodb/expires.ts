/**
 * DynamoDB's TTL wants whole seconds. Rounded up, so that nothing goes a moment before it was promised to.
 * Deletion comes up to days late, so every reader compares for itself.
 */
export function toExpires(expiresAt: number): number {
  return Math.ceil(expiresAt / 1000);
}

export function fromExpires(expires: number): number {
  return expires * 1000;
}
