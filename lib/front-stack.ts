import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ApiStack } from './api-stack.ts';
import { Distribution } from './constructs/distribution.ts';
import { WebPage } from './constructs/web-page.ts';
import type { FrontSettings } from './front-settings.ts';
import type { StateStack } from './state-stack.ts';

export interface FrontStackProps extends StackProps {
  readonly webDir: string;
  readonly api: ApiStack;
  readonly state: StateStack;
  readonly settings: FrontSettings;
}

/** What the world sees: one address for the page, the calls and the sockets. */
export class FrontStack extends Stack {
  constructor(scope: Construct, id: string, { webDir, api, state, settings, ...props }: FrontStackProps) {
    super(scope, id, props);
    const page = new WebPage(this, 'WebPage', { dir: webDir });
    const distribution = new Distribution(this, 'Front', {
      publicApi: api.publicApi,
      webSocket: api.webSocket,
      webBucket: page.bucket,
      webFiles: page.files,
      log: state.accessLogs,
      settings,
    });
    new CfnOutput(this, 'Url', {
      description: 'The base URL of the service',
      value: `https://${distribution.domainName}`,
    });
    if (settings.domain) {
      new CfnOutput(this, 'DomainTarget', {
        description: `What the DNS record of ${settings.domain.name} has to lead to, as CNAME or as alias`,
        value: distribution.target,
      });
    }
    new CfnOutput(this, 'CreateApiKey', {
      description: 'Paste into a shell: makes an API key for user 1 and shows it, once',
      value: state.apiKeys.createCommand,
    });
  }
}
