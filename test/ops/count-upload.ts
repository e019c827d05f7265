import { CATALOGUE } from '../../local/faults/catalogue.ts';
import type { FaultService } from '../../local/faults/fault.ts';
import type { Service } from '../e2e/service.ts';

/** Calls by `<function> <service> <operation>`, such as `process dynamodb UpdateItem`. */
export type Calls = Readonly<Record<string, number>>;

const COUNTED = ['dynamodb', 's3', 'sqs', 'lambda', 'connections'] as const satisfies readonly FaultService[];

/** The least that a fault can be: it delays nobody, and counts whom it hits. */
const NO_DELAY_MS = 0.001;

/** Counts what each function asks of each service while `run` runs. */
export async function countCalls({ stack }: Service, run: (soFar: () => Calls) => Promise<unknown>): Promise<Calls> {
  const soFar = (): Calls => {
    const hit = stack.faults.list().filter(({ hits }) => hits > 0);
    return Object.fromEntries(
      hit.map(({ fault, hits }) => [`${fault.function} ${fault.service} ${fault.operation}`, hits]),
    );
  };
  for (const name of stack.functions.keys()) {
    for (const service of COUNTED) {
      for (const operation of CATALOGUE[service].operations ?? []) {
        stack.faults.set({ service, operation, function: name, kind: 'delay', ms: NO_DELAY_MS });
      }
    }
  }
  try {
    await run(soFar);
    return soFar();
  } finally {
    stack.faults.clear();
  }
}
