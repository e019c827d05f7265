/** RFC 6838 allows longer ones, and there are none. */
const MAX_LENGTH = 100;

/** @returns `type/subtype` of a Content-Type in lower case, without its parameters; undefined where it is none. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  const [essence = ''] = (contentType ?? '').split(';', 1);
  const type = essence.trim().toLowerCase();
  return type.length <= MAX_LENGTH && /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : undefined;
}
