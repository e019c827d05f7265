import type { Socket } from 'node:net';
import { CATALOGUE } from '../faults/catalogue.ts';
import type { FaultRegistry, Hit } from '../faults/registry.ts';
import type { RunningEnvironment } from '../lambda/running-environments.ts';
import type { Bytes } from './embedded/reply.ts';
import { RespParser } from './embedded/resp-parser.ts';
import { isPush, ReplyFramer } from './reply-framer.ts';

/** A place in the line of the replies. */
interface Expected {
  /** Otherwise there is nothing to wait for: its turn has come when it is the first. */
  readonly fromServer: boolean;
  readonly arrived: (reply?: Buffer) => void;
}

/** @returns undefined where no fault asks for it. */
export type FindCaller = () => Promise<RunningEnvironment | undefined>;

export interface ConnectionEnds {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * One connection to Redis of which each command is looked at, and goes on unless a fault hits it. Replies come in the order of
 * the commands, and a broken connection takes only what comes after.
 */
export class FaultyConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #registry: FaultRegistry;
  readonly #findCaller: FindCaller;
  readonly #commands = new RespParser();
  readonly #replies = new ReplyFramer();
  readonly #expected: Expected[] = [];
  readonly #left = new AbortController();
  #running = false;

  constructor({ client, server }: ConnectionEnds, registry: FaultRegistry, findCaller: FindCaller) {
    this.#client = client;
    this.#server = server;
    this.#registry = registry;
    this.#findCaller = findCaller;
    client.once('close', () => this.#left.abort());
    client.on('data', (chunk: Buffer) => {
      this.#commands.push(chunk);
      void this.#run();
    });
    client.once('end', () => server.end());
    server.on('data', (chunk: Buffer) => {
      this.#replies.push(chunk);
      this.#deliver();
    });
    server.once('end', () => client.end());
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let argv = this.#commands.next(); argv && !this.#client.destroyed; argv = this.#commands.next()) {
        await this.#command(argv, await this.#findCaller());
      }
      this.#running = false;
    } catch {
      this.#break(); // it is not the protocol of Redis
    }
  }

  async #command(argv: readonly Bytes[], caller: RunningEnvironment | undefined): Promise<void> {
    const operation = argv[0]!.toUpperCase();
    const hit = this.#registry.match({ service: 'redis', operation, caller });
    if (hit) return await this.#strike(hit, argv, caller);
    this.#send(argv, (reply) => this.#client.write(reply!));
  }

  /** What never resolves leaves the connection as it is: nothing behind this command is looked at any more. */
  async #strike({ fault, hold }: Hit, argv: readonly Bytes[], caller: RunningEnvironment | undefined): Promise<void> {
    switch (fault.kind) {
      case 'error': {
        const { message } = CATALOGUE.redis.errors[fault.code!]!;
        this.#await(false, () => this.#client.write(`-${fault.code} ${message}\r\n`));
        return;
      }
      case 'delay':
        await this.#registry.clock.sleep(fault.ms!, this.#left.signal);
        this.#send(argv, (reply) => this.#client.write(reply!));
        return;
      case 'hang':
        await hold(this.#left.signal);
        break;
      case 'lose':
        await this.#carryOut(argv);
        break;
      case 'crash-before':
        await this.#turn();
        caller!.crash();
        break;
      case 'crash-after':
        await this.#carryOut(argv);
        caller!.crash();
        break;
      case 'drop':
        await this.#turn();
    }
    this.#break();
  }

  #break(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  #send(argv: readonly Bytes[], arrived: Expected['arrived']): void {
    this.#await(true, arrived);
    const bulks = argv.map((argument) => `$${argument.length}\r\n${argument}\r\n`);
    this.#server.write(`*${argv.length}\r\n${bulks.join('')}`, 'latin1');
  }

  /** Resolves when the server has answered, which the client does not hear. */
  #carryOut(argv: readonly Bytes[]): Promise<void> {
    return new Promise((resolve) => this.#send(argv, () => resolve()));
  }

  /** Resolves when all commands before have been answered. */
  #turn(): Promise<void> {
    return new Promise((resolve) => this.#await(false, () => resolve()));
  }

  #await(fromServer: boolean, arrived: Expected['arrived']): void {
    this.#expected.push({ fromServer, arrived });
    this.#advance();
  }

  #advance(): void {
    while (this.#expected[0]?.fromServer === false) this.#expected.shift()!.arrived();
  }

  #deliver(): void {
    for (let reply = this.#replies.next(); reply; reply = this.#replies.next()) {
      // A subscriber gets more than one reply to a command: those are nobody's, and go on.
      const expected = isPush(reply) ? undefined : this.#expected.shift();
      if (expected) expected.arrived(reply);
      else this.#client.write(reply);
      this.#advance();
    }
  }
}
