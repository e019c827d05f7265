import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Bundles, FunctionName } from '../bundle.ts';
import type { Settings } from '../settings.ts';
import { Fetcher } from './fetcher.ts';
import { type FunctionNetwork, ServiceFunction, type ServiceFunctionProps } from './service-function.ts';
import { Subscriber } from './subscriber.ts';
import { Sweeper } from './sweeper.ts';

export interface FunctionsProps {
  readonly bundles: Bundles;
  /** For the functions that reach Redis. */
  readonly network: FunctionNetwork;
  readonly settings: Pick<Settings, 'allowFetchHosts' | 'fetch' | 'socketAuth'>;
}

/** All functions, with what each is given in time and memory. What each may do is given by the grants. */
export class Functions extends Construct {
  readonly wsAddress: ServiceFunction;
  readonly uploadSource: ServiceFunction;
  readonly sourceStatus: ServiceFunction;
  readonly cancelSource: ServiceFunction;
  readonly connect: ServiceFunction;
  readonly disconnect: ServiceFunction;
  readonly message: ServiceFunction;
  readonly process: ServiceFunction;
  readonly fetcher: Fetcher;
  readonly deadLetter: ServiceFunction;
  readonly subscriber: Subscriber;
  readonly sweeper: Sweeper;
  /** Only where there are tokens. */
  readonly rotateSocketKey: ServiceFunction | undefined;
  readonly #bundles: Bundles;

  constructor(scope: Construct, id: string, { bundles, network, settings }: FunctionsProps) {
    super(scope, id);
    this.#bundles = bundles;
    this.wsAddress = this.#create('ws-address', {
      description: 'POST /public/sources/ws: registers a channel and tells its address',
    });
    this.uploadSource = this.#create('upload-source', {
      description: 'POST /public/sources/upload-source: accepts a file or a URL',
      timeout: Duration.seconds(28), // below the 29 s of the gateway, so that the function's own answer is the one given
      memorySize: 1024, // holds the body more than once, as base64 and as bytes
    });
    this.sourceStatus = this.#create('source-status', {
      description: 'GET /public/sources/{source-uuid}: the record of a source',
    });
    this.cancelSource = this.#create('cancel-source', {
      description: 'DELETE /public/sources/{source-uuid}: ends a source and removes what is stored of it',
      timeout: Duration.seconds(28), // as upload-source: an answer of its own, also where a store takes its time
      network,
    });
    // A WebSocket API is not traced by itself.
    this.connect = this.#create('connect', {
      description: '$connect: lets a socket onto its channel',
      network,
      untraced: true,
    });
    this.disconnect = this.#create('disconnect', { description: '$disconnect: forgets a socket', untraced: true });
    this.message = this.#create('message', {
      description: '$default: ping, resume and ack of a client',
      network,
      untraced: true,
    });
    this.process = this.#create('process', {
      description: 'Takes accepted sources from the queue to their final status',
      timeout: Duration.seconds(300),
      memorySize: 2048, // the parsers run in a child process beside it
      network,
    });
    this.fetcher = new Fetcher(this, 'fetch', {
      codeDir: bundles.functionDir('fetch'),
      allowedHosts: settings.allowFetchHosts,
      settings: settings.fetch,
    });
    this.deadLetter = this.#create('dead-letter', {
      description: 'Ends sources whose message was received too often',
      timeout: Duration.seconds(30),
      network,
    });
    this.subscriber = new Subscriber(this, 'subscriber', { codeDir: bundles.functionDir('subscriber'), network });
    this.sweeper = new Sweeper(this, 'sweeper', { codeDir: bundles.functionDir('sweeper'), network });
    if (settings.socketAuth === 'token') {
      this.rotateSocketKey = this.#create('rotate-socket-key', {
        description: 'Makes a new key for the tokens of sockets, a step at a time',
        untraced: true,
      });
    }
  }

  #create(
    name: FunctionName,
    props: Pick<ServiceFunctionProps, 'description'> & Partial<ServiceFunctionProps>,
  ): ServiceFunction {
    return new ServiceFunction(this, name, {
      name,
      codeDir: this.#bundles.functionDir(name),
      timeout: Duration.seconds(10),
      memorySize: 512,
      ...props,
    });
  }
}
