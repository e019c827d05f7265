import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

type Answer = string | 'silence' | 'hang-up';

/** A cluster of one node that answers as it is told: for what a real server does only when its machine or network fails. */
export interface FakeNode extends AsyncDisposable {
  readonly url: string;
  /** Every command that arrived, by name, but for those of connecting. */
  readonly commands: readonly string[];
  /** The arguments of each AUTH. */
  readonly logins: readonly string[][];
  /** How many connections were made to it, those for CLUSTER SLOTS included. */
  readonly connections: number;
  /** The first bytes of the latest connection. */
  readonly firstBytes: Buffer | undefined;
  /** What it says to anything but what belongs to connecting: RESP. Default `+OK`. */
  answer: (command: string[], connection: number) => Answer;
  /** What it says to CLUSTER SLOTS. Default: all slots are its own. */
  slots: string;
  hangUp(): void;
}

export async function startFakeNode(): Promise<FakeNode> {
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  const logins: string[][] = [];
  let connections = 0;
  let firstBytes: Buffer | undefined;
  const server = createServer((socket) => {
    connections += 1;
    const connection = connections;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', (data) => {
      firstBytes = data;
    });
    let buffered = '';
    socket.on('data', (data) => {
      buffered += data;
      for (let parsed = parse(buffered); parsed; parsed = parse(buffered)) {
        buffered = buffered.slice(parsed.length);
        const answer = respond(parsed.command, connection);
        if (answer === 'hang-up') socket.destroy();
        else if (answer !== 'silence') socket.write(`${answer}\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  function respond(command: string[], connection: number): Answer {
    const name = command[0]!.toUpperCase();
    if (name === 'CLUSTER') return node.slots;
    if (name === 'CLIENT') return '+OK'; // ioredis names its connection for CLUSTER SLOTS
    if (name === 'AUTH') {
      logins.push(command.slice(1));
      return '+OK';
    }
    commands.push(name);
    return node.answer(command, connection);
  }

  const node: FakeNode = {
    url: `redis://127.0.0.1:${port}`,
    commands,
    logins,
    get connections() {
      return connections;
    },
    get firstBytes() {
      return firstBytes;
    },
    answer: () => '+OK',
    slots: `*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:${port}`,
    hangUp() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      node.hangUp();
      server.close();
      await once(server, 'close');
    },
  };
  return node;
}

/** @returns the first command of the text, an array of bulk strings of ASCII; undefined where it is not whole yet. */
function parse(text: string): { readonly command: string[]; readonly length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (!head) return undefined;
  const command: string[] = [];
  let at = head[0].length;
  for (let i = 0; i < Number(head[1]); i += 1) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (!size) return undefined;
    const from = at + size[0].length;
    at = from + Number(size[1]) + 2;
    if (at > text.length) return undefined;
    command.push(text.slice(from, at - 2));
  }
  return { command, length: at };
}
