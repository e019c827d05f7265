/**
 * The figures of the real service. Source, unless another is named:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */

/** Request and response of a synchronous invocation. */
export const MAX_SYNC_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** Request of an asynchronous invocation; 256 KB until October 2025. */
export const MAX_ASYNC_PAYLOAD_BYTES = 1024 * 1024;

/** Whole response of a streaming invocation; 20 MB until July 2025. */
export const MAX_STREAMED_RESPONSE_BYTES = 200 * 1024 * 1024;

/**
 * Limit of the init phase. The real service starts an environment that exceeds it once more, within the invocation's own
 * time-out; here one start gets both times together, so that what is too slow fails by the same rule.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export const INIT_TIMEOUT_MS = 10_000; // 10 s

/** Waits before the first and the second retry of an asynchronous invocation that failed. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export const ASYNC_RETRY_DELAYS_MS = [60_000, 120_000]; // 1 min, 2 min

/** MaximumEventAgeInSeconds where none is declared. Same source. */
export const DEFAULT_MAXIMUM_EVENT_AGE_MS = 6 * 60 * 60_000; // 6 h

/** Ours: the real service keeps an idle environment for some minutes and promises nothing. */
export const IDLE_ENVIRONMENT_MS = 5 * 60_000; // 5 min

/** Ours: the environments of one function that one machine is asked to carry; the real service stops at the account's limit. */
export const DEFAULT_MAX_ENVIRONMENTS = 8;

/**
 * Ours: a caller that waits waits no longer than this for an environment, a cold start that hangs (13 s with a function of 3 s) included. The real service refuses at once what is over its limit of
 * concurrency. Without it a line that has grown longer than its callers' patience would only ever serve those that have left.
 */
export const MAX_SYNC_WAIT_MS = 20_000; // 20 s

/**
 * Ours: of a function that starts itself again, so the same job has two environments while one hands over to the next. It
 * runs for minutes and mostly waits: were there too few of them, a job would have to wait for the end of another.
 */
export const MAX_ENVIRONMENTS_OF_CHAIN = 12;
