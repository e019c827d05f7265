import type { Socket } from 'node:net';
import { RespParser } from './embedded/resp-parser.ts';

/** @returns false: whoever this is may not come in. */
export type CheckLogin = (username: string, password: string) => boolean;

/** As Redis says it, and ElastiCache. */
const WRONG = '-WRONGPASS invalid username-password pair or user is disabled.\r\n';

/**
 * Looks at the first command of a connection, where a client logs in. What it read is there to be read again.
 * @returns false where the login was refused, which the client has been told, or the client has left.
 */
export async function passesLogin(client: Socket, check: CheckLogin): Promise<boolean> {
  const parser = new RespParser();
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = await nextChunk(client);
    if (chunk === undefined) {
      client.end();
      return false;
    }
    chunks.push(chunk);
    parser.push(chunk);
    const command = firstCommand(parser);
    if (command === 'incomplete') continue;
    const login = command && loginOf(command);
    if (login && !check(...login)) {
      client.end(WRONG);
      return false;
    }
    client.unshift(Buffer.concat(chunks));
    return true;
  }
}

/** What is not the protocol of Redis is for Redis to refuse. */
function firstCommand(parser: RespParser): readonly string[] | 'incomplete' | undefined {
  try {
    return parser.next() ?? 'incomplete';
  } catch {
    return undefined;
  }
}

function loginOf([name = '', ...args]: readonly string[]): [username: string, password: string] | undefined {
  const command = name.toUpperCase();
  if (command === 'AUTH' && args.length === 2) return [args[0]!, args[1]!];
  if (command !== 'HELLO') return undefined;
  const at = args.findIndex((argument) => argument.toUpperCase() === 'AUTH');
  return at < 0 ? undefined : [args[at + 1] ?? '', args[at + 2] ?? ''];
}

/** @returns undefined where the client has left. */
function nextChunk(client: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const settle = (chunk?: Buffer) => {
      client.pause();
      client.off('data', settle).off('end', leave).off('close', leave);
      resolve(chunk);
    };
    const leave = () => settle();
    client.on('data', settle).on('end', leave).on('close', leave);
    if (client.destroyed || client.readableEnded) leave();
  });
}
