import { createHook } from 'node:async_hooks';

export interface ConnectWatch extends Disposable {
  /** Each `address:port` that this process asked the system to connect to, whatever came of it. */
  readonly attempts: readonly string[];
}

/** What Node calls its requests to connect a socket, by TCP or to a path. One of them is one call of connect(2). */
const CONNECTS = ['TCPCONNECTWRAP', 'PIPECONNECTWRAP'];

/** Below every library: whoever opens a socket, and by whatever module, comes through here. */
export function watchConnects(): ConnectWatch {
  const requests: object[] = [];
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (CONNECTS.includes(type)) requests.push(resource);
    },
  }).enable();
  return {
    get attempts() {
      // Written onto the request after it is made, so it is read late.
      return requests.map((request) => {
        const { address, port } = request as { readonly address?: string; readonly port?: number };
        return `${address}:${port}`;
      });
    },
    [Symbol.dispose]() {
      hook.disable();
    },
  };
}
