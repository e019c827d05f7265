import type { APIGatewayProxyResult, APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import { withLogFields } from '../adapters/log.ts';
import { receiveClientMessage } from '../app/client-message.ts';
import * as wire from './wiring.ts';

const ports = {
  connections: wire.connections(),
  bus: wire.bus(),
  subscribers: wire.subscribers(),
  sockets: wire.sockets(),
  log: wire.log(),
};

/** $default: whatever a client sends. */
export const handler = async (event: APIGatewayProxyWebsocketEventV2): Promise<APIGatewayProxyResult> => {
  const { connectionId, requestId } = event.requestContext;
  await withLogFields({ connectionId, requestId }, () => receiveClientMessage(ports, connectionId, event.body ?? ''));
  return { statusCode: 200, body: '' };
};
