import { afterAll, expect, test } from 'vitest';
import { HostTable } from '../../../local/host-table.ts';
import { readCloudAssembly } from '../../../local/template/cloud-assembly.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate } from '../../../local/template/template.ts';
import { restApi } from '../../../local/template/types/apigateway.ts';
import { executeApiHost, webSocketApi } from '../../../local/template/types/apigatewayv2.ts';
import { distributionDeclaration } from '../../../local/wiring/distribution.ts';
import { synthesize } from '../../lib/synthesized.ts';

const app = synthesize();
afterAll(() => app[Symbol.dispose]());

test('the front adds here what the policies of the template say, to the page and to answers, and nothing to sockets', async () => {
  const template = resolveTemplate(await readCloudAssembly(app.dir), RESOURCE_TYPES);
  const hosts = new HostTable();
  for (const api of [...template.of(restApi), ...template.of(webSocketApi)]) {
    hosts.add(executeApiHost(api), 'http://127.0.0.1:1');
  }
  const { behaviors, defaultBehavior } = distributionDeclaration(template, hosts);
  const headersOf = (pattern: string) => behaviors.find(({ pathPattern }) => pathPattern === pattern)?.responseHeaders;
  const common = [
    { name: 'x-content-type-options', value: 'nosniff', override: true },
    { name: 'x-frame-options', value: 'DENY', override: true },
    { name: 'referrer-policy', value: 'no-referrer', override: true },
    { name: 'strict-transport-security', value: 'max-age=31536000', override: true },
  ];
  const csp = (value: unknown) => ({ name: 'content-security-policy', value, override: true });
  expect(defaultBehavior.responseHeaders).toEqual([csp(expect.stringContaining("script-src 'self'")), ...common]);
  expect(headersOf('/public/*')).toEqual([csp("default-src 'none'; frame-ancestors 'none'"), ...common]);
  expect(headersOf('/ws/*')).toEqual([]);
});
