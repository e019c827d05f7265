import type { APIGatewayProxyResult, APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import { systemClock } from '../adapters/clock.ts';
import { header, statusOf, toRequestError } from '../adapters/http/rest.ts';
import { withLogFields } from '../adapters/log.ts';
import { admitSocket } from '../app/admit-socket.ts';
import { openConnection } from '../app/open-connection.ts';
import * as wire from './wiring.ts';

const log = wire.log();
const ports = {
  channels: wire.channels(),
  connections: wire.connections(),
  bus: wire.bus(),
  subscribers: wire.subscribers(),
  clock: systemClock,
  limits: wire.limits(),
  log,
};
const door = { keys: await wire.socketKeys(), allowOrigins: wire.allowOrigins(), clock: systemClock };

type ConnectEvent = APIGatewayProxyWebsocketEventV2 & {
  readonly headers?: Record<string, string | undefined>;
  readonly queryStringParameters?: Record<string, string | undefined> | null;
};

/** $connect: any status but 200 refuses the handshake with it. */
export const handler = (event: ConnectEvent): Promise<APIGatewayProxyResult> => {
  const { connectionId, connectedAt, requestId } = event.requestContext;
  const { 'ws-uuid': wsUuid, token, 'last-event-id': lastEventId } = event.queryStringParameters ?? {};
  return withLogFields({ connectionId, requestId }, async () => {
    try {
      const [origin, viewerHost] = [header(event, 'origin'), header(event, 'x-viewer-host')];
      await admitSocket(door, { wsUuid, token, origin, viewerHost });
      await openConnection(ports, { connectionId, connectedAt, wsUuid, lastEventId });
      return { statusCode: 200, body: '' };
    } catch (cause) {
      const error = toRequestError(cause, log);
      // Thrown, so that Lambda counts it, as an alarm does: an answer with a 500 is a success to it. The caller gets no more than a 5xx.
      if (error.code === 'internal') throw error;
      return { statusCode: statusOf(error.code), body: JSON.stringify({ error: error.message, code: error.code }) };
    }
  });
};
