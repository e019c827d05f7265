import type { APIGatewayProxyResult, APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import { closeConnection } from '../app/close-connection.ts';
import * as wire from './wiring.ts';

const connections = wire.connections();

/** $disconnect: best effort, as API Gateway itself is about it. */
export const handler = async (event: APIGatewayProxyWebsocketEventV2): Promise<APIGatewayProxyResult> => {
  await closeConnection(connections, event.requestContext.connectionId);
  return { statusCode: 200, body: '' };
};
