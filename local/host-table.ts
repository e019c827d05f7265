import { TemplateError } from './template/template-error.ts';

/** Where the host names that AWS gives out are on this machine. */
export class HostTable {
  readonly #urlByHost = new Map<string, URL>();

  /** @param localUrl with the scheme, and the user and password if there is one, that the service here wants. */
  add(host: string, localUrl: string): void {
    this.#urlByHost.set(host, new URL(localUrl));
  }

  /** `http://127.0.0.1:<port>`, or undefined for a host of the outside. */
  origin(host: string): string | undefined {
    return this.#urlByHost.get(host)?.origin;
  }

  /**
   * Rewrites every URL of a known host: `https:` to `http:`, `wss:` to `ws:`, `rediss:` to `redis:`, each with the port here.
   * Throws where such a host stands without its scheme: the function would go looking for AWS.
   */
  rewrite(value: string, path: string): string {
    const rewritten = value.replaceAll(/\b(https|wss|rediss):\/\/([a-z0-9.-]+)(:\d+)?/gi, (url, scheme, host) => {
      const local = this.#urlByHost.get(host);
      return local === undefined ? url : `${localScheme(scheme, local)}//${authority(local)}`;
    });
    for (const host of this.#urlByHost.keys()) {
      if (rewritten.includes(host)) {
        throw new TemplateError(
          'invalid-property',
          path,
          `${host} is not in a URL, so that the local runtime cannot redirect it`,
        );
      }
    }
    return rewritten;
  }
}

/** A WebSocket API is known by its HTTP address. */
function localScheme(scheme: string, local: URL): string {
  if (scheme !== 'wss') return local.protocol;
  return local.protocol === 'https:' ? 'wss:' : 'ws:';
}

function authority({ username, password, host }: URL): string {
  if (username === '' && password === '') return host;
  return `${username}:${password}@${host}`;
}
