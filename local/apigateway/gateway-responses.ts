import type { IncomingMessage, ServerResponse } from 'node:http';
import { endWhenRead } from '../http/early-answer.ts';
import { compileHeaderMappings, type HeaderMapping, UnsupportedMappingError } from './parameter-mapping.ts';

/** The properties of an AWS::ApiGateway::GatewayResponse, resolved. */
export interface GatewayResponseProperties {
  readonly ResponseType: string;
  readonly StatusCode?: string | number;
  readonly ResponseParameters?: Readonly<Record<string, string>>;
  readonly ResponseTemplates?: Readonly<Record<string, string>>;
}

/** Answers that API Gateway gives by itself, with the type under which a template can change them. */
export const GATEWAY_ERRORS = {
  missingAuthenticationToken: {
    type: 'MISSING_AUTHENTICATION_TOKEN',
    statusCode: 403,
    message: 'Missing Authentication Token',
    errorType: 'MissingAuthenticationTokenException',
  },
  bodyTooLarge: {
    type: 'REQUEST_TOO_LARGE',
    statusCode: 413,
    message: 'HTTP content length exceeded 10485760 bytes.',
    errorType: 'RequestTooLargeException',
  },
  eventTooLarge: {
    type: 'REQUEST_TOO_LARGE',
    statusCode: 413,
    message: 'Request Too Long',
    errorType: 'RequestTooLargeException',
  },
  integrationTimeout: {
    type: 'INTEGRATION_TIMEOUT',
    statusCode: 504,
    message: 'Endpoint request timed out',
    errorType: 'InternalServerErrorException',
  },
  badIntegration: {
    type: 'DEFAULT_5XX',
    statusCode: 502,
    message: 'Internal server error',
    errorType: 'InternalServerErrorException',
  },
  configuration: {
    type: 'API_CONFIGURATION_ERROR',
    statusCode: 500,
    message: 'Internal server error',
    errorType: 'InternalServerErrorException',
  },
} as const;

export type GatewayError = (typeof GATEWAY_ERRORS)[keyof typeof GATEWAY_ERRORS];

const DEFAULT_TEMPLATE = '{"message":$context.error.messageString}';

interface Customization {
  readonly statusCode?: number;
  readonly headers: readonly HeaderMapping[];
  readonly contentType: string;
  readonly template: string;
}

export type GatewayResponder = (
  request: IncomingMessage,
  response: ServerResponse,
  error: GatewayError,
  requestId: string,
) => void;

/** @throws UnsupportedMappingError for a template that would render differently here. */
export function createGatewayResponder(properties: readonly GatewayResponseProperties[]): GatewayResponder {
  const customizations = new Map(properties.map((each) => [each.ResponseType, compile(each)]));
  return (request, response, error, requestId) => {
    const fallback = error.statusCode < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
    const custom =
      customizations.get(error.type) ?? customizations.get(fallback) ?? compile({ ResponseType: fallback });
    const body = render(custom.template, { error, requestId });
    for (const mapping of custom.headers) {
      const header = mapping(request);
      if (header) response.setHeader(...header);
    }
    response.writeHead(custom.statusCode ?? error.statusCode, {
      'content-type': custom.contentType,
      'content-length': Buffer.byteLength(body),
      'x-amzn-errortype': error.errorType,
    });
    response.write(body);
    endWhenRead(request, response);
  };
}

function compile(properties: GatewayResponseProperties): Customization {
  const [contentType, template] =
    Object.entries(properties.ResponseTemplates ?? {}).find(([type]) => type === 'application/json') ??
    Object.entries(properties.ResponseTemplates ?? {})[0] ??
    (['application/json', DEFAULT_TEMPLATE] as const);
  render(template, { error: GATEWAY_ERRORS.configuration, requestId: '' });
  return {
    statusCode: properties.StatusCode === undefined ? undefined : Number(properties.StatusCode),
    headers: compileHeaderMappings(properties.ResponseParameters ?? {}, 'gatewayresponse.header.'),
    contentType,
    template,
  };
}

function render(template: string, context: { error: GatewayError; requestId: string }): string {
  const values: Record<string, string> = {
    '$context.error.messageString': JSON.stringify(context.error.message),
    '$context.error.message': context.error.message,
    '$context.error.responseType': context.error.type,
    '$context.requestId': context.requestId,
  };
  if (/^\s*#/m.test(template)) throw new UnsupportedMappingError(`a VTL directive in the gateway response ${template}`);
  return template.replace(/\$[\w.]+/g, (variable) => {
    const value = values[variable];
    if (value === undefined) throw new UnsupportedMappingError(`${variable} in a gateway response`);
    return value;
  });
}
