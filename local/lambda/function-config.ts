import type { NetworkRules } from './network-rules.ts';

/** What the local service needs of an `AWS::Lambda::Function` and its `AWS::Lambda::EventInvokeConfig`. */
export interface FunctionConfig {
  name: string;
  /** Folder that holds the code; the function's working directory. */
  codeDir: string;
  /** `<module>.<export>`, as in the template: `index.handler`. */
  handler: string;
  /** The declared variables, and the endpoints and credentials that the runner gives the function. */
  environment: Record<string, string>;
  timeoutMs: number;
  memoryMb: number;
  /** Of asynchronous invocations. */
  maximumRetryAttempts: number;
  /** Of asynchronous invocations. Default: 6 h. */
  maximumEventAgeMs?: number;
  /** Further invocations wait in line. Default: that of the service. */
  maxEnvironments?: number;
  /** Default: it reaches everything. */
  network?: NetworkRules;
}

export interface InvokeResult {
  functionError?: 'Unhandled';
  /** JSON text; of a function that streams, whatever it wrote. */
  payload: string;
}
