import type { FunctionConfig, InvokeResult } from './function-config.ts';

/** One invocation, as its caller describes it. */
export interface InvocationRequest {
  /** JSON text. */
  readonly event: string;
  readonly requestId: string;
  readonly traceId?: string;
  /** Called before the first chunk, only where the handler streams. */
  readonly onContentType?: (contentType: string) => void;
  /** Where it is missing, what the handler streams is gathered into the payload. */
  readonly onChunk?: (chunk: Buffer) => void;
}

/** What the HTTP endpoint needs of the functions. All throw a LambdaError where the call itself is at fault. */
export interface Invoker {
  configOf(functionName: string): FunctionConfig;
  request(functionName: string, request: InvocationRequest): Promise<InvokeResult>;
  queue(functionName: string, request: InvocationRequest): void;
}
