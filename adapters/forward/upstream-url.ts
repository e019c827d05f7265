/**
 * The address below which an upstream has its calls, without a slash at its end. It is shown in the console and in
 * templates, so it cannot carry a secret; a query or fragment would be lost when a path is added.
 * Throws where it is anything else.
 */
export function parseUpstreamUrl(text: string): string {
  const url = URL.parse(text);
  const plain = url && [url.username, url.password, url.search, url.hash].every((part) => part === '');
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new Error('it has to be an http or https URL without a user name, password, query or fragment');
  }
  return url.href.replace(/\/+$/, '');
}
