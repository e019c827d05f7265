import type { Clock } from '../clock.ts';
import type { LocalLog } from '../log.ts';
import { INTEGRATION_TIMEOUT_MS, LAMBDA_EVENT_BYTES } from './limits.ts';

/** What an API needs of Lambda. MUST resolve with `functionError` where the function failed, and reject only when it could not be run. */
export interface LambdaInvoker {
  invoke(functionName: string, event: unknown): Promise<{ readonly functionError?: string; readonly payload: string }>;
}

export interface ProxyResponse {
  readonly statusCode: number;
  /** Names as the function gave them; `multiValueHeaders` wins over `headers` where both have a name. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

export type IntegrationOutcome =
  | { readonly kind: 'response'; readonly response: ProxyResponse }
  | { readonly kind: 'too-large' | 'timeout' | 'function-error' | 'malformed' };

export interface IntegrationCall {
  readonly lambda: LambdaInvoker;
  readonly clock: Clock;
  readonly log: LocalLog;
  readonly source: string;
  readonly functionName: string;
  readonly event: unknown;
  /** Aborts when the API is disposed: nothing waits any longer then. */
  readonly stopped: AbortSignal;
}

/** Invokes the function as a Lambda proxy integration does. MUST NOT reject. A function that is too late runs on, unheard. */
export async function invokeIntegration(call: IntegrationCall): Promise<IntegrationOutcome> {
  if (Buffer.byteLength(JSON.stringify(call.event)) > LAMBDA_EVENT_BYTES) return { kind: 'too-large' };
  const answered = new AbortController();
  const given = AbortSignal.any([answered.signal, call.stopped]);
  const timeout = call.clock.sleep(INTEGRATION_TIMEOUT_MS, given).then(() => ({ kind: 'timeout' }) as const);
  try {
    const outcome = await Promise.race([invoke(call), timeout]);
    if (outcome.kind !== 'response' && !call.stopped.aborted)
      call.log.warn(call.source, `${call.functionName}: ${EXPLANATION[outcome.kind]}`);
    return outcome;
  } finally {
    answered.abort();
  }
}

const EXPLANATION = {
  timeout: 'integration timed out after 29 s',
  'function-error': 'the function failed',
  malformed: 'malformed Lambda proxy response',
};

async function invoke(call: IntegrationCall) {
  try {
    const { functionError, payload } = await call.lambda.invoke(call.functionName, call.event);
    if (functionError !== undefined) return { kind: 'function-error' } as const;
    const response = parseProxyResponse(payload);
    return response === undefined ? ({ kind: 'malformed' } as const) : ({ kind: 'response', response } as const);
  } catch (error) {
    // The functions stop right after the API does.
    if (!call.stopped.aborted) call.log.error(call.source, `${call.functionName} could not be invoked: ${error}`);
    return { kind: 'function-error' } as const;
  }
}

/** @returns undefined where API Gateway would log "Malformed Lambda proxy response". */
export function parseProxyResponse(payload: string): ProxyResponse | undefined {
  const response = parseObject(payload);
  if (response === undefined) return undefined;
  const statusCode = Number(response.statusCode);
  if (!/^[2-5]\d\d$/.test(String(response.statusCode))) return undefined;
  const body = response.body ?? '';
  const isBase64Encoded = response.isBase64Encoded ?? false;
  if (typeof body !== 'string' || typeof isBase64Encoded !== 'boolean') return undefined;
  const headers = mergeHeaders(response.headers ?? {}, response.multiValueHeaders ?? {});
  return headers && { statusCode, headers, body, isBase64Encoded };
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function mergeHeaders(single: unknown, multiple: unknown): Map<string, string[]> | undefined {
  if (typeof single !== 'object' || single === null || typeof multiple !== 'object' || multiple === null)
    return undefined;
  const merged = new Map<string, string[]>();
  const nameOf = new Map<string, string>();
  const set = (name: string, values: string[]) => {
    merged.delete(nameOf.get(name.toLowerCase()) ?? name);
    nameOf.set(name.toLowerCase(), name);
    merged.set(name, values);
  };
  for (const [name, value] of Object.entries(single)) {
    if (!isScalar(value)) return undefined;
    set(name, [String(value)]);
  }
  for (const [name, values] of Object.entries(multiple)) {
    if (!Array.isArray(values) || !values.every(isScalar)) return undefined;
    set(name, values.map(String));
  }
  return merged;
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
