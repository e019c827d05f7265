import { Readable } from 'node:stream';
import { compileEdgeFunction, type EdgeFunction } from './edge-function.ts';
import { type FunctionContext, FunctionResultError, functionEvent, readFunctionResult } from './function-event.ts';
import { errorPage, type OriginResponse } from './origin-response.ts';
import { matchesPathPattern, normalizePath } from './path-pattern.ts';
import { type Forwarding, forwardingOf } from './policies.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** A cache behaviour of the template, resolved. */
export interface CacheBehavior {
  readonly originId: string;
  /** GET and HEAD when left out, as in CloudFormation. */
  readonly allowedMethods?: readonly string[];
  /** The FunctionCode of the viewer-request function, where one is associated. */
  readonly viewerRequestFunctionCode?: string;
  /** Ids of managed policies, as the template has them; an id that is not simulated is refused at start. */
  readonly originRequestPolicyId?: string;
  readonly cachePolicyId?: string;
  /** Added to every answer, whoever gives it. */
  readonly responseHeaders?: readonly PolicyHeader[];
}

/** Of a response headers policy. */
export interface PolicyHeader {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
  /** Also where the origin says something else. */
  readonly override: boolean;
}

export interface PathBehavior extends CacheBehavior {
  readonly pathPattern: string;
}

export interface CompiledBehavior {
  readonly name: string;
  readonly originId: string;
  readonly allowedMethods: readonly string[];
  readonly forwarding: Forwarding;
  readonly viewerRequest: EdgeFunction | undefined;
  readonly responseHeaders: readonly PolicyHeader[];
}

/** @returns the behaviour of a path: the first whose pattern matches, else the default one. */
export function compileBehaviors(
  behaviors: readonly PathBehavior[],
  defaultBehavior: CacheBehavior,
  log: (text: string) => void,
): (path: string) => CompiledBehavior {
  const compile = (name: string, behavior: CacheBehavior): CompiledBehavior => ({
    name,
    originId: behavior.originId,
    allowedMethods: behavior.allowedMethods ?? ['GET', 'HEAD'],
    responseHeaders: behavior.responseHeaders ?? [],
    forwarding: forwardingOf(behavior.originRequestPolicyId, behavior.cachePolicyId),
    viewerRequest:
      behavior.viewerRequestFunctionCode === undefined
        ? undefined
        : compileEdgeFunction(name, behavior.viewerRequestFunctionCode, (text) => log(`${name}: ${text}`)),
  });
  const compiled = behaviors.map((each) => [each.pathPattern, compile(each.pathPattern, each)] as const);
  const fallback = compile('the default behaviour', defaultBehavior);
  return (path) => compiled.find(([pattern]) => matchesPathPattern(pattern, normalizePath(path)))?.[1] ?? fallback;
}

export type FunctionOutcome =
  | { readonly kind: 'request'; readonly request: ViewerRequest }
  | { readonly kind: 'response'; readonly response: OriginResponse };

/** Runs the behaviour's viewer-request function, if it has one; a function that fails is CloudFront's 503. */
export function runViewerRequest(
  behavior: CompiledBehavior,
  request: ViewerRequest,
  context: FunctionContext,
  log: (text: string) => void,
): FunctionOutcome {
  if (behavior.viewerRequest === undefined) return { kind: 'request', request };
  try {
    const result = readFunctionResult(behavior.viewerRequest(functionEvent(request, context)), request);
    if (!('statusCode' in result)) return { kind: 'request', request: result };
    const { statusCode, statusDescription, headers, body } = result;
    const framed = [
      ...headers.filter(([name]) => name !== 'content-length'),
      ['content-length', String(body.length)],
    ] as const;
    const response = {
      statusCode,
      statusMessage: statusDescription,
      headers: framed,
      body: Readable.from([body]),
      generated: true,
    };
    return { kind: 'response', response: response as OriginResponse };
  } catch (error) {
    log(`${behavior.name}: viewer-request function: ${error}`);
    const statusCode = error instanceof FunctionResultError ? error.statusCode : 503;
    return { kind: 'response', response: errorPage(statusCode, 'The CloudFront Function of this behaviour failed.') };
  }
}
