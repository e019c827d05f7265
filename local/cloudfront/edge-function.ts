import vm from 'node:vm';
import { FUNCTION_CODE_BYTES, FUNCTION_TIME_LIMIT_MS } from './limits.ts';

/** The function's code cannot be run: found when the distribution starts. */
export class FunctionCodeError extends Error {
  readonly code = 'FUNCTION_CODE';

  constructor(name: string, message: string, options?: { cause?: unknown }) {
    super(`CloudFront Function of ${name}: ${message}`, options);
    this.name = 'FunctionCodeError';
  }
}

/** Runs the handler on one event. Throws what the function threw, or an error when it did not come back. */
export type EdgeFunction = (event: object) => unknown;

const CALL = new vm.Script(`
  Promise.resolve(handler(JSON.parse(eventText))).then(
    (result) => { outcome = JSON.stringify(result) ?? 'null'; },
    (error) => { failure = String(error); },
  );
`);

/**
 * Compiles a CloudFront Function from its source text. Each call gets a global scope of its own, as there: nothing that
 * one request leaves is seen by the next. The scope has the language and `console.log`, no timers, no network, no `require`.
 * @throws FunctionCodeError
 */
export function compileEdgeFunction(name: string, code: string, log: (text: string) => void): EdgeFunction {
  if (Buffer.byteLength(code) > FUNCTION_CODE_BYTES)
    throw new FunctionCodeError(name, `over ${FUNCTION_CODE_BYTES} bytes`);
  let script: vm.Script;
  try {
    script = new vm.Script(code, { filename: `${name}.js` });
  } catch (cause) {
    throw new FunctionCodeError(name, String(cause), { cause });
  }
  const newScope = () => {
    const print = (...values: unknown[]) => log(values.map(String).join(' '));
    const scope = vm.createContext({ console: { log: print } }, { microtaskMode: 'afterEvaluate' });
    script.runInContext(scope, { timeout: FUNCTION_TIME_LIMIT_MS });
    return scope;
  };
  try {
    if (vm.runInContext('typeof handler', newScope()) !== 'function')
      throw new Error('there is no function handler(event)');
  } catch (cause) {
    throw new FunctionCodeError(name, String(cause), { cause });
  }
  return (event) => {
    const scope = newScope();
    // Text in and text out: no object of this realm gets into the function's hands.
    scope.eventText = JSON.stringify(event);
    CALL.runInContext(scope, { timeout: FUNCTION_TIME_LIMIT_MS });
    if (typeof scope.outcome === 'string') return JSON.parse(scope.outcome);
    throw new Error(
      typeof scope.failure === 'string' ? scope.failure : 'the handler returned a promise that never settles',
    );
  };
}
