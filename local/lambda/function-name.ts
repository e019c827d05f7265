export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** The forms that the API takes: name, `<account>:function:<name>`, ARN, each with a qualifier or without. */
const REFERENCE =
  /^(?:(?:arn:aws[\w-]*:lambda:(?<region>[a-z0-9-]+):)?(?<accountId>\d{12}):function:)?(?<name>[\w-]+)(?::(?<qualifier>[\w$-]+))?$/;

/** @returns undefined where it can be none of the functions here: another account's, another region's, a version or an alias. */
export function localFunctionName(reference: string, place: Place): string | undefined {
  const { region, accountId, name, qualifier } = REFERENCE.exec(reference)?.groups ?? {};
  if ((region ?? place.region) !== place.region || (accountId ?? place.accountId) !== place.accountId) return undefined;
  return (qualifier ?? '$LATEST') === '$LATEST' ? name : undefined;
}

/** @param reference a name, or an ARN, which is returned as it is. */
export function functionArn(place: Place, reference: string): string {
  if (reference.startsWith('arn:')) return reference;
  return `arn:aws:lambda:${place.region}:${place.accountId}:function:${reference.replace(/^\d{12}:function:/, '')}`;
}
