import { Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

export interface WebSocketRoutes {
  readonly connect: ServiceFunction;
  readonly disconnect: ServiceFunction;
  /** Gets every message: what it is for is decided by one parser, not by the gateway's route. */
  readonly message: ServiceFunction;
}

/** The WebSocket API. */
export class WebSocketEndpoint extends Construct {
  readonly domainName: string;
  readonly stageName = 'live';
  readonly #api: apigateway.WebSocketApi;
  readonly #stage: apigateway.WebSocketStage;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const stack = Stack.of(this);
    this.#api = new apigateway.WebSocketApi(this, 'Api', {
      apiName: `${stack.stackName}-sockets`,
      description: 'Delivers the events of a channel to its sockets',
      routeSelectionExpression: '$request.body.action',
      // The functions post to the sockets from inside the VPC, and IPv6 is their only way out.
      ipAddressType: apigateway.IpAddressType.DUAL_STACK,
    });
    this.#stage = new apigateway.WebSocketStage(this, 'Stage', {
      webSocketApi: this.#api,
      stageName: this.stageName,
      autoDeploy: true,
      throttle: { rateLimit: 500, burstLimit: 1000 }, // connects and client messages; what is delivered does not count
    });
    this.domainName = `${this.#api.apiId}.execute-api.${stack.region}.${stack.urlSuffix}`;
  }

  /** Apart from the constructor, since the functions need the address first. */
  route({ connect, disconnect, message }: WebSocketRoutes): void {
    this.#api.addRoute('$connect', { integration: new WebSocketLambdaIntegration('Connect', connect.lambda) });
    this.#api.addRoute('$disconnect', { integration: new WebSocketLambdaIntegration('Disconnect', disconnect.lambda) });
    this.#api.addRoute('$default', { integration: new WebSocketLambdaIntegration('Message', message.lambda) });
  }

  get apiId(): string {
    return this.#api.apiId;
  }

  get stage(): apigateway.WebSocketStage {
    return this.#stage;
  }

  get url(): string {
    return this.#stage.url;
  }

  /** To tell clients where to connect when nothing stands in front. */
  giveAddress(fn: ServiceFunction): void {
    fn.environment('WEBSOCKET_URL', this.url);
  }

  /** `POST` sends to a socket, `DELETE` closes it. */
  grantManageConnections(fn: ServiceFunction, methods: readonly ('POST' | 'DELETE')[]): void {
    fn.allow(
      ['execute-api:ManageConnections'],
      methods.map((method) => this.#api.arnForExecuteApiV2(`${method}/@connections/*`, this.stageName)),
    );
    fn.environment('WEBSOCKET_MANAGEMENT_URL', this.#stage.callbackUrl);
  }
}
