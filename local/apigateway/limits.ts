/**
 * What API Gateway and the Lambda behind it allow. Sources, all below docs.aws.amazon.com:
 * [rest] apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 * [ws] apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
 * [lambda] lambda/latest/dg/gettingstarted-limits.html
 */

/** [rest] "Payload size": 10 MB. */
export const REST_PAYLOAD_BYTES = 10 * 1024 * 1024;

/** [rest] "Total combined size of request line and header values": 10,240 bytes. The page names no status; 431 is HTTP's own. */
export const REST_REQUEST_LINE_AND_HEADER_BYTES = 10_240;

/** [rest], [ws] "Integration timeout": up to 29 s. */
export const INTEGRATION_TIMEOUT_MS = 29_000;

/** [lambda] "Invocation payload (request and response)": 6 MB for a synchronous call; the Invoke API's own error says 6291456. */
export const LAMBDA_EVENT_BYTES = 6_291_456;

/** [ws] "WebSocket frame size": 32 KB; a larger one closes the connection with 1009. */
export const WEBSOCKET_FRAME_BYTES = 32 * 1024;

/** [ws] "Message payload size": 128 KB, in both directions; a larger one from the client closes the connection with 1009. */
export const WEBSOCKET_MESSAGE_BYTES = 128 * 1024;

/** [ws] "Idle Connection Timeout": 10 minutes. Only messages count here: nothing promises that a ping frame does. */
export const WEBSOCKET_IDLE_MS = 10 * 60_000;

/** [ws] "Connection duration for WebSocket API": 2 hours. */
export const WEBSOCKET_LIFE_MS = 2 * 60 * 60_000;

/** [ws] "Length, in characters, of the URL for a WebSocket API": 4096. */
export const WEBSOCKET_URL_CHARACTERS = 4096;

/**
 * Not a documented figure: how much one connection may owe a client that does not read, before a post to it is refused
 * with 429 LimitExceededException. AWS documents that status for @connections, but not when a slow reader earns it.
 */
export const WEBSOCKET_UNSENT_BYTES = 1024 * 1024;

/** Not documented either: how long a closing socket may wait for the client's close frame. */
export const WEBSOCKET_CLOSE_TIMEOUT_MS = 5000;

/** Not documented: a client that sends its request more slowly than this is cut off. */
export const REQUEST_HEAD_TIMEOUT_MS = 15_000;
export const REQUEST_TIMEOUT_MS = 120_000;
