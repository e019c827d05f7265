/**
 * Viewer request on every path without a behaviour of its own: the files of the page. Anything else is no path of the contract,
 * which the bucket would say in XML and as a 403. Nor is a handshake of a WebSocket that misses /ws/, known by its key: functions
 * are not shown Upgrade.
 */
const FILES = '%PAGE_FILES%'.split(',');

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name
function handler(event) {
  const request = event.request;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const isHandshake = 'sec-websocket-key' in request.headers;
  return isRead && !isHandshake && FILES.indexOf(request.uri) >= 0 ? request : notFound();
}

function notFound() {
  return {
    statusCode: 404,
    statusDescription: 'Not Found',
    headers: { 'content-type': { value: 'application/json' } },
    body: '{"error":"There is nothing at this address.","code":"not-found"}',
  };
}
