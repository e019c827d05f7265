/**
 * Resolves when the page, and a call that goes through the gateway to a function, are answered. The call is one that
 * is refused for its missing headers: what answers is the function's own code, and nothing is left behind.
 */
export async function waitUntilAnswering(url: string, signal: AbortSignal): Promise<void> {
  const source = '/public/sources/00000000-0000-0000-0000-000000000000';
  await Promise.all([expectStatus(`${url}/`, 200, signal), expectStatus(url + source, 401, signal)]);
}

async function expectStatus(url: string, expected: number, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  const body = await response.text();
  if (response.status !== expected) {
    throw new Error(`GET ${url} was answered with ${response.status} instead of ${expected}: ${body.slice(0, 500)}`);
  }
}
