import { type CommandTable, type Context, type Outcome, REPLIED } from './command.ts';
import type { Bytes } from './reply.ts';

export const pubsubCommands: CommandTable = {
  // In a cluster a channel has no slot: a message reaches the subscribers of every node.
  publish: { arity: 3, run: ([channel, message], { pubsub }) => pubsub.publish(channel!, message!) },
  subscribe: { arity: -2, noScript: true, whileSubscribed: true, run: subscribe },
  unsubscribe: { arity: -1, noScript: true, whileSubscribed: true, run: unsubscribe },
};

function subscribe(channels: readonly Bytes[], { pubsub, client }: Context): Outcome {
  for (const channel of channels) {
    pubsub.subscribe(client, channel);
    client.push(['subscribe', channel, client.channels.size]);
  }
  return REPLIED;
}

function unsubscribe(named: readonly Bytes[], { pubsub, client }: Context): Outcome {
  const channels = named.length > 0 ? named : [...client.channels];
  if (channels.length === 0) client.push(['unsubscribe', null, 0]);
  for (const channel of channels) {
    pubsub.unsubscribe(client, channel);
    client.push(['unsubscribe', channel, client.channels.size]);
  }
  return REPLIED;
}
