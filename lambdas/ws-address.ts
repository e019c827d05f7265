import { systemClock } from '../adapters/clock.ts';
import { header, jsonBody, restHandler } from '../adapters/http/rest.ts';
import { registerChannel } from '../app/register-channel.ts';
import { signSocketToken } from '../app/socket-token.ts';
import { wsAddress } from '../app/ws-address.ts';
import { SOCKET_TOKEN_TTL_MS } from '../domain/limits.ts';
import { parseWsAddressRequest } from '../domain/requests.ts';
import * as wire from './wiring.ts';

const log = wire.log();
const apiKeys = wire.apiKeys();
const ports = { channels: wire.channels(), shards: wire.shards(), limits: wire.limits(), clock: systemClock };
const websocketUrl = wire.websocketUrl();
const keys = await wire.socketKeys();

/** POST /public/sources/ws */
export const handler = restHandler({ apiKeys, log, allowOrigins: wire.allowOrigins() }, async (event, owner) => {
  const request = parseWsAddressRequest(jsonBody(event));
  const { wsUuid } = await registerChannel(ports, { ...request, owner });
  const calledAs = { viewerHost: header(event, 'x-viewer-host'), scheme: header(event, 'x-forwarded-proto') };
  const token = keys && signSocketToken(await keys.current(), wsUuid, systemClock.now() + SOCKET_TOKEN_TTL_MS);
  return { status: 200, body: { 'ws-address': wsAddress(wsUuid, calledAs, websocketUrl, token) } };
});
