import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../app/ports.ts';
import { redact } from './redact.ts';

export interface LogOptions {
  /** The function's name: it is in every line. */
  readonly service: string;
  /** DEBUG, INFO, WARN, ERROR, CRITICAL or SILENT, in either case. Default: INFO. Any other value means the default. */
  readonly level?: string;
}

const LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT'] as const;

const around = new AsyncLocalStorage<object>();

/** Every line that is written within `run`, however deep, and by whatever it calls, holds these fields as well. */
export function withLogFields<T>(fields: object, run: () => T): T {
  return around.run({ ...around.getStore(), ...fields }, run);
}

/** One JSON object a line. Whatever is logged goes through `redact` first, so that a mistake of a caller leaks nothing. */
export function createLog({ service, level }: LogOptions): Log {
  const logLevel = LEVELS.find((known) => known === level?.toUpperCase()) ?? 'INFO';
  const logger = new Logger({ serviceName: service, logLevel });
  const fieldsOf = (data: object = {}) => redact({ ...around.getStore(), ...data });
  return {
    info: (event, data) => logger.info(event, fieldsOf(data)),
    warn: (event, data) => logger.warn(event, fieldsOf(data)),
    error: (event, data) => logger.error(event, fieldsOf(data)),
  };
}
