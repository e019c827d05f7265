/**
 * What CloudFront allows. Source: docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html,
 * unless a line says otherwise.
 */

/** "Maximum length of a request, including headers and query strings, but not including the body content". */
export const REQUEST_HEAD_BYTES = 20_480;

/** "Maximum length of a URL". */
export const URL_BYTES = 8192;

/** "Maximum function size" of a CloudFront Function. */
export const FUNCTION_CODE_BYTES = 10 * 1024;

/**
 * CloudFront counts compute utilization of about 1 ms. That cannot be measured here: this is time on the wall, of which a
 * busy machine may take much for itself, so it only bounds a function that does not come back.
 */
export const FUNCTION_TIME_LIMIT_MS = 2_000;

/** "Response timeout (origin read timeout)": 30 s by default, for the first byte and between two packets. */
export const ORIGIN_READ_TIMEOUT_MS = 30_000;

/** Not documented: a viewer that sends its request head more slowly than this is cut off. */
export const VIEWER_HEAD_TIMEOUT_MS = 15_000;
