import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ServiceFunction } from './service-function.ts';

export interface FetcherProps {
  readonly codeDir: string;
  /** Hosts that may be reached although they are not public. */
  readonly allowedHosts: readonly string[];
}

/** Fetches URLs of strangers. Outside of the VPC: it has the IPv4 internet, and no way to anything private. */
export class Fetcher extends ServiceFunction {
  constructor(scope: Construct, id: string, { allowedHosts, ...props }: FetcherProps) {
    super(scope, id, {
      name: 'fetch',
      description: 'Fetches the URL of a source into the bucket',
      timeout: Duration.seconds(75), // the deadline of one fetch is 60 s
      memorySize: 512,
      ...props,
    });
    this.environment('ALLOW_FETCH_HOSTS', allowedHosts.join(','));
  }

  /** The answer is streamed; the right to invoke covers that. */
  grantInvoke(caller: ServiceFunction): void {
    caller.allow(['lambda:InvokeFunction'], [this.ownArn]);
    caller.environment('FETCH_FUNCTION', this.ownName);
    caller.reach('lambda');
  }
}
