import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App, DefaultStackSynthesizer } from 'aws-cdk-lib';
import { ApiStack } from './api-stack.ts';
import { type Bundles, bundle } from './bundle.ts';
import { contextOfCdkJson } from './cdk-json.ts';
import { FrontStack } from './front-stack.ts';
import { NetworkStack } from './network-stack.ts';
import { ObserveStack } from './observe-stack.ts';
import { readSettings } from './settings.ts';
import { StateStack } from './state-stack.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface AppOptions {
  /** Where the templates and assets go. Default: where the CDK command line wants them, else `cdk.out`. */
  readonly outdir?: string;
  /** Over the values of `cdk.json`. What the command line gives (`cdk -c name=value`) goes over both. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Default: built anew from the sources, into `.build`. */
  readonly bundles?: Bundles;
}

/** The whole service. No account and no region are named and nothing is looked up, so it needs no credentials. */
export function createApp(options: AppOptions = {}): App {
  const app = new App({
    outdir: options.outdir ?? process.env.CDK_OUTDIR ?? join(ROOT, 'cdk.out'),
    // Only the command line reads cdk.json: without this a plain `node bin/source-upload.ts` would make other templates.
    context: { ...contextOfCdkJson(), ...options.context },
    analyticsReporting: false,
    // The command line compares the version of the bootstrap stack by itself, from the manifest.
    defaultStackSynthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const settings = readSettings(app.node);
  const bundles = options.bundles ?? bundle({ root: ROOT, buildDir: join(ROOT, '.build') });
  const state = new StateStack(app, 'SourceUploadState');
  const network = new NetworkStack(app, 'SourceUploadNetwork', {
    natGateways: settings.natGateways,
    zones: settings.zones,
    upstream: settings.upstream,
    existing: settings.existing,
  });
  const api = new ApiStack(app, 'SourceUploadApi', { settings, bundles, state, network });
  new FrontStack(app, 'SourceUploadFront', { webDir: bundles.webDir, api, state, settings: settings.front });
  new ObserveStack(app, 'SourceUploadObserve', { settings, state, network, api });
  return app;
}
