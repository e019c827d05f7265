import type { IncomingMessage, ServerResponse } from 'node:http';
import { compileHeaderMappings, UnsupportedMappingError } from './parameter-mapping.ts';
import type { RestIntegration } from './rest-routes.ts';

/** @returns false where API Gateway would report a configuration error. */
export type MockIntegration = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Understands what the CDK renders for CORS preflights: a constant status, constant headers, no body, more origins than one. */
export function compileMockIntegration({
  integration,
  methodResponses,
}: Extract<RestIntegration, { type: 'MOCK' }>): MockIntegration {
  const template = integration.RequestTemplates?.['application/json'] ?? '';
  const status = /^\s*\{\s*"?statusCode"?\s*:\s*(\d{3})\s*\}\s*$/.exec(template)?.[1];
  if (status === undefined) throw new UnsupportedMappingError(`the request template ${template} of a MOCK integration`);

  const responses = integration.IntegrationResponses ?? [];
  const selected =
    responses.find((each) => each.SelectionPattern && new RegExp(`^(?:${each.SelectionPattern})$`).test(status)) ??
    responses.find((each) => !each.SelectionPattern);
  if (selected === undefined) return () => false;
  const moreOrigins = Object.values(selected.ResponseTemplates ?? {}).flatMap(originsOf);

  const declared = methodResponses.find((each) => String(each.StatusCode) === String(selected.StatusCode));
  const parameters = selected.ResponseParameters ?? {};
  const undeclared = Object.keys(parameters).find((name) => declared?.ResponseParameters?.[name] === undefined);
  if (declared === undefined || undeclared !== undefined) return () => false;
  const mappings = compileHeaderMappings(parameters, 'method.response.header.');
  return (request, response) => {
    for (const mapping of mappings) {
      const header = mapping(request);
      if (header) response.setHeader(...header);
    }
    const { origin } = request.headers;
    if (origin !== undefined && moreOrigins.includes(origin)) response.setHeader('Access-Control-Allow-Origin', origin);
    response.writeHead(Number(selected.StatusCode), { 'content-type': 'application/json' });
    response.end();
    return true;
  };
}

/** Of the CDK's: the header names the first origin, unless the caller's is one of the others. */
const MORE_ORIGINS =
  /^#set\(\$origin = \$input\.params\(\)\.header\.get\("Origin"\)\)\s+#if\(\$origin == ""\)\s+#set\(\$origin = \$input\.params\(\)\.header\.get\("origin"\)\)\s+#end\s+#if\((?<condition>[^)]*)\)\s+#set\(\$context\.responseOverride\.header\.Access-Control-Allow-Origin = \$origin\)\s+#end$/;

function originsOf(template: string): string[] {
  if (template.trim() === '') return [];
  const terms = MORE_ORIGINS.exec(template.trim())?.groups?.condition?.split(' || ') ?? [''];
  return terms.map((term) => {
    const origin = /^\$origin == "([^"]+)"$/.exec(term)?.[1];
    if (origin === undefined)
      throw new UnsupportedMappingError(`the response template ${template} of a MOCK integration`);
    return origin;
  });
}
