/**
 * Viewer request on /public/*. The origin is called by its own host name, so the name that the viewer called has to
 * travel in a header of ours. Always set here: a viewer that sends the header itself must not choose the address we give.
 */
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name
function handler(event) {
  const request = event.request;
  request.headers['x-viewer-host'] = { value: request.headers.host.value };
  return request;
}
