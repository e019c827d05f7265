import { CATALOGUE } from './catalogue.ts';
import type { FaultService } from './fault.ts';

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const XML = { 'content-type': 'application/xml' };
const JSON_1_0 = { 'content-type': 'application/x-amz-json-1.0' };

/** In the form that the service's own clients read. */
export function errorAnswer(service: FaultService, code: string): ErrorAnswer {
  const { status = 500, message } = CATALOGUE[service].errors[code]!;
  switch (service) {
    case 's3': {
      const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
      return { status, headers: XML, body };
    }
    case 'dynamodb':
      return { status, headers: JSON_1_0, body: typed('com.amazonaws.dynamodb.v20120810', code, message) };
    case 'sqs':
      return { status, headers: JSON_1_0, body: typed('com.amazonaws.sqs', code, message) };
    default: {
      const headers = { 'content-type': 'application/json', 'x-amzn-ErrorType': code };
      return { status, headers, body: JSON.stringify({ Type: status < 500 ? 'User' : 'Service', message }) };
    }
  }
}

function typed(namespace: string, code: string, message: string): string {
  return JSON.stringify({ __type: `${namespace}#${code}`, message });
}
