/**
 * Every limit that a client can meet, in one place. `PROTOCOL.md` repeats these figures;
 * `test/domain/protocol.test.ts` holds the two together.
 */

/** Lambda takes 6 MB of invocation payload; base64 makes 4/3 of the body, and the rest is the event around it. */
export const MAX_INLINE_BODY_BYTES = 4_400_000;

/** JSON bodies carry two short fields; anything near this size is a mistake. */
export const MAX_JSON_BODY_BYTES = 16 * 1024;

/** Parts of one multipart body: the five that the contract names, and room for a client's own mistake to be named. */
export const MAX_MULTIPART_PARTS = 10;

/** Longest value of a text field of the form: a URL of this length is refused by most servers anyway. */
export const MAX_FIELD_BYTES = 8 * 1024;

/** Longest display name kept. Names never become part of a key, so this only bounds the record and the messages. */
export const MAX_FILENAME_LENGTH = 512;

/** Sources on one channel, and so on one socket. */
export const MAX_BATCH_SIZE = 1000;

/** API Gateway refuses a WebSocket message over 128 KB, in both directions. */
export const MAX_MESSAGE_BYTES = 128 * 1024;

/** API Gateway's frame limit: a longer message has to be split into frames of this size. */
export const MAX_FRAME_BYTES = 32 * 1024;

/** API Gateway closes a socket after 10 minutes without a message, and after 2 hours whatever happens. */
export const SOCKET_IDLE_MS = 10 * 60_000;
export const SOCKET_LIFE_MS = 2 * 60 * 60_000;

/**
 * The address of a socket opens it for this long, where it carries a token: as long as the link to a text works, and longer
 * than any source takes, so that whoever holds nothing but the address can come back to its upload.
 */
export const SOCKET_TOKEN_TTL_MS = 60 * 60_000;

/** A channel can be connected to, and its history is held, for 24 h after it was last registered or used. */
export const CHANNEL_TTL_MS = 24 * 60 * 60_000;

/**
 * For this long after that it can be had again by its owner alone: Redis may hold its history for 24 h after a source of its
 * last hour has ended, or a socket that was opened in it was heard of.
 */
export const CHANNEL_KEPT_MS = 2 * CHANNEL_TTL_MS;

/** Events held for replay in one channel; progress is coalesced, so a source writes some dozens. */
export const HISTORY_EVENTS = 1000;

/** How long the record of a source, and what is stored of it, can be asked for. */
export const SOURCE_TTL_MS = 7 * 24 * 60 * 60_000;

/** From the last frame of a finished channel to its close, for a client that does not acknowledge. */
export const CLOSE_GRACE_MS = 1000;

/** Progress of one stage is sent at most this often; its last value always is. */
export const PROGRESS_INTERVAL_MS = 250;

/**
 * And where it says no new percentage, as of a page that drips, or whose length nobody knows, only this often: it would push the
 * openings of others out of the channel's history.
 */
export const SAME_PROGRESS_INTERVAL_MS = 2000;

/** While a worker is at a source, its client hears of it at least this often. */
export const HEARTBEAT_WITHIN_MS = 20_000;

/** From the answer to a cancel to the end of the work on it. */
export const CANCEL_WITHIN_MS = 2_000;

/** Longest preview of the extracted text in a result, in characters. */
export const PREVIEW_CHARACTERS = 500;

/** Largest body that a URL may answer with. */
export const MAX_FETCH_BYTES = 100 * 1024 * 1024;

/** A URL has to be fetched within this time, redirects and all. */
export const FETCH_DEADLINE_MS = 60_000;

export const MAX_REDIRECTS = 3;
