import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FetchSettings } from '../settings.ts';
import { ServiceFunction } from './service-function.ts';

export interface FetcherProps {
  readonly codeDir: string;
  /** Hosts that may be reached although they are not public. */
  readonly allowedHosts: readonly string[];
  readonly settings: FetchSettings;
}

/** For the start of the function and the last part of the upload. */
const MARGIN_SECONDS = 15;

/** Fetches URLs of strangers. Outside of the VPC: it has the IPv4 internet, and no way to anything private. */
export class Fetcher extends ServiceFunction {
  readonly #settings: FetchSettings;

  constructor(scope: Construct, id: string, { allowedHosts, settings, ...props }: FetcherProps) {
    super(scope, id, {
      name: 'fetch',
      description: 'Fetches the URL of a source into the bucket',
      timeout: Duration.seconds(settings.deadlineSeconds + MARGIN_SECONDS),
      memorySize: 512,
      ...props,
    });
    this.#settings = settings;
    this.environment('ALLOW_FETCH_HOSTS', allowedHosts.join(','));
    this.environment('FETCH_USER_AGENT', settings.userAgent);
    this.environment('FETCH_DEADLINE_SECONDS', String(settings.deadlineSeconds));
    this.environment('FETCH_CONNECT_SECONDS', String(settings.connectSeconds));
    this.environment('FETCH_IDLE_SECONDS', String(settings.idleSeconds));
    this.environment('FETCH_RETRIES', String(settings.retries));
    this.environment('FETCH_PORTS', settings.ports.join(','));
  }

  /** The answer is streamed; the right to invoke covers that. */
  grantInvoke(caller: ServiceFunction): void {
    caller.allow(['lambda:InvokeFunction'], [this.ownArn]);
    caller.environment('FETCH_FUNCTION', this.ownName);
    caller.environment('FETCH_DEADLINE_SECONDS', String(this.#settings.deadlineSeconds));
    caller.reach('lambda');
  }
}
