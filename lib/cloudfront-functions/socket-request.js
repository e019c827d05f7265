/**
 * Viewer request on /ws/*. API Gateway routes no path behind the stage of a WebSocket API, so the channel goes into the
 * query. Of the viewer's own query only what the contract knows is passed on.
 */
const SOCKET_PATH = /^\/ws\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name
function handler(event) {
  const request = event.request;
  const match = SOCKET_PATH.exec(request.uri);
  if (!match) return notFound();
  const query = request.querystring;
  request.uri = '/%WEBSOCKET_STAGE%';
  request.headers['x-viewer-host'] = { value: request.headers.host.value }; // whose own page may connect, see connect
  request.querystring = { 'ws-uuid': { value: match[1] } };
  if (query.token) request.querystring.token = { value: query.token.value };
  if (query['last-event-id']) request.querystring['last-event-id'] = { value: query['last-event-id'].value };
  return request;
}

function notFound() {
  return {
    statusCode: 404,
    statusDescription: 'Not Found',
    headers: { 'content-type': { value: 'application/json' } },
    body: '{"error":"The address of a socket is /ws/<ws-uuid>.","code":"not-found"}',
  };
}
