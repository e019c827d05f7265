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

/** One JSON object a line. Whatever is logged goes through `redact` first, so that a mistake of a caller leaks nothing. */
export function createLog({ service, level }: LogOptions): Log {
  const logLevel = LEVELS.find((known) => known === level?.toUpperCase()) ?? 'INFO';
  const logger = new Logger({ serviceName: service, logLevel });
  return {
    info: (event, data = {}) => logger.info(event, redact(data)),
    warn: (event, data = {}) => logger.warn(event, redact(data)),
    error: (event, data = {}) => logger.error(event, redact(data)),
  };
}
