import { TemplateError } from './template/template-error.ts';

/** Where the host names that AWS gives out are on this machine. */
export class HostTable {
  readonly #portByHost = new Map<string, number>();

  add(host: string, localUrl: string): void {
    this.#portByHost.set(host, Number(new URL(localUrl).port));
  }

  /** `http://127.0.0.1:<port>`, or undefined for a host of the outside. */
  origin(host: string): string | undefined {
    const port = this.#portByHost.get(host);
    return port === undefined ? undefined : `http://127.0.0.1:${port}`;
  }

  /**
   * Rewrites every URL of a known host: `https:` to `http:`, `wss:` to `ws:`, `rediss:` to `redis:`, each with the port here.
   * Throws where such a host stands without its scheme: the function would go looking for AWS.
   */
  rewrite(value: string, path: string): string {
    const rewritten = value.replaceAll(/\b(https|wss|rediss):\/\/([a-z0-9.-]+)(:\d+)?/gi, (url, scheme, host) => {
      const port = this.#portByHost.get(host);
      return port === undefined ? url : `${scheme.slice(0, -1)}://127.0.0.1:${port}`;
    });
    for (const host of this.#portByHost.keys()) {
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
