import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CorsRule } from '../template/types/s3.ts';
import { corsHeaders } from './cors.ts';

export type RulesByBucket = ReadonlyMap<string, readonly CorsRule[]>;

/** Adds what the bucket's rules allow the page of another origin. @returns true where that was the whole answer, to a preflight. */
export function answerCors(
  { method, headers, raw }: FastifyRequest,
  reply: FastifyReply,
  rulesByBucket: RulesByBucket,
): boolean {
  if (headers.origin === undefined) return false;
  const preflight = method === 'OPTIONS';
  const allowed = corsHeaders(rulesByBucket.get(bucketOf(raw.url)) ?? [], {
    origin: headers.origin,
    method: preflight ? String(headers['access-control-request-method']) : method,
    requestedHeaders: preflight ? splitList(headers['access-control-request-headers']) : [],
  });
  if (allowed) reply.headers(allowed);
  if (!preflight) return false;
  reply.status(allowed ? 200 : 403).send();
  return true;
}

/** For an answer that is given before the hooks: without these a page sees no status, only that it failed. */
export function corsHeadersOf(
  { method = '', url, headers: { origin } }: IncomingMessage,
  rulesByBucket: RulesByBucket,
): Record<string, string> {
  if (origin === undefined) return {};
  return corsHeaders(rulesByBucket.get(bucketOf(url)) ?? [], { origin, method, requestedHeaders: [] }) ?? {};
}

/** Path style: virtual host names do not resolve on every machine. */
export function bucketOf(target: string | undefined): string {
  return decodeURIComponent(/^\/([^/?]*)/.exec(target ?? '')?.[1] ?? '');
}

function splitList(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
}
