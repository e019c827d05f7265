/** @returns whether `contentType` is one of the API's `binaryMediaTypes`, wildcards included. */
export function isBinary(binaryMediaTypes: readonly string[], contentType: string | undefined): boolean {
  const mediaType = (contentType ?? 'application/json').split(';')[0]!.trim().toLowerCase();
  return binaryMediaTypes.some((each) => {
    const pattern = each.toLowerCase();
    if (pattern === '*/*' || pattern === mediaType) return true;
    return pattern.endsWith('/*') && mediaType.startsWith(pattern.slice(0, -1));
  });
}

/** API Gateway looks at the first media type of Accept only. */
export function firstAccepted(accept: string | undefined): string {
  return (accept ?? '*/*').split(',')[0]!.trim();
}
