import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HeaderList } from './viewer-request.ts';

/** Hands the origin's 101 to the viewer, then every byte both ways, until either side closes. */
export function tunnel(
  viewer: { readonly socket: Duplex; readonly first: Buffer },
  origin: { readonly head: IncomingMessage; readonly socket: Duplex; readonly first: Buffer },
  added: HeaderList,
): void {
  viewer.socket.write(switchingProtocols(origin.head, added));
  if (origin.first.length > 0) viewer.socket.write(origin.first);
  if (viewer.first.length > 0) origin.socket.write(viewer.first);
  viewer.socket.pipe(origin.socket);
  origin.socket.pipe(viewer.socket);
  for (const [one, other] of [
    [viewer.socket, origin.socket],
    [origin.socket, viewer.socket],
  ] as const) {
    one.on('error', () => other.destroy());
    // Ended, not destroyed: a close frame that was the last thing sent still has to arrive.
    one.once('close', () => other.end());
  }
}

function switchingProtocols(head: IncomingMessage, added: HeaderList): string {
  const lines = [`HTTP/1.1 ${head.statusCode} ${head.statusMessage}`];
  for (let index = 0; index + 1 < head.rawHeaders.length; index += 2) {
    lines.push(`${head.rawHeaders[index]}: ${head.rawHeaders[index + 1]}`);
  }
  for (const [name, value] of added) lines.push(`${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
