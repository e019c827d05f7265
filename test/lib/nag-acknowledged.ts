/** What cdk-nag finds and we leave as it is. */
export interface Acknowledged {
  /** As cdk-nag names it, without what it found in brackets. */
  readonly rule: string;
  /** Of the construct, and for permissions also of what was found. */
  readonly at: RegExp;
  readonly reason: string;
}

const FUNCTION_ROLE = /^SourceUploadApi\/Functions\/[\w-]+\/Role\/DefaultPolicy\/Resource/;
const PAGE_DEPLOYMENT = /^SourceUploadFront\/Custom::CDKBucketDeployment/;

export const ACKNOWLEDGED: readonly Acknowledged[] = [
  // Permissions. `permissions.test.ts` lists each of them once more, function by function.
  {
    rule: 'AwsSolutions-IAM5',
    at: new RegExp(`${FUNCTION_ROLE.source} Resource::\\*$`),
    reason:
      'X-Ray, and the network interfaces that Lambda itself makes, have no resources; the code is denied the latter',
  },
  {
    rule: 'AwsSolutions-IAM5',
    at: new RegExp(`${FUNCTION_ROLE.source} Resource::.*/users/\\*/sources/\\*/(original|text\\.txt|result\\.json)$`),
    reason: 'one function serves all users; of each source it is given the files that it uses',
  },
  {
    rule: 'AwsSolutions-IAM5',
    at: new RegExp(`${FUNCTION_ROLE.source} Resource::.*/live/(POST|DELETE)/@connections/\\*$`),
    reason: 'the ids of connections are made by the gateway, one for each socket',
  },
  {
    rule: 'AwsSolutions-IAM4',
    at: /^SourceUploadApi\/GatewayLogs\/Role\/Resource Policy::.*AmazonAPIGatewayPushToCloudWatchLogs$/,
    reason: 'the one policy that AWS describes for this setting, which is of the account and of all its APIs',
  },

  // The function of the CDK that copies the page into its bucket while deploying: nobody else can start it.
  { rule: 'AwsSolutions-IAM4', at: PAGE_DEPLOYMENT, reason: 'made by the CDK; writes its own log' },
  {
    rule: 'AwsSolutions-IAM5',
    at: PAGE_DEPLOYMENT,
    reason: 'made by the CDK; reads its assets, writes the bucket of the page',
  },
  { rule: 'AwsSolutions-L1', at: PAGE_DEPLOYMENT, reason: 'made by the CDK, which decides on its runtime' },
  { rule: 'Serverless-LambdaLatestVersion', at: PAGE_DEPLOYMENT, reason: 'the same rule once more' },
  {
    rule: 'Serverless-LambdaTracing',
    at: PAGE_DEPLOYMENT,
    reason: 'runs while deploying; what fails is told by the deployment',
  },
  { rule: 'Serverless-LambdaDLQ', at: PAGE_DEPLOYMENT, reason: 'the same: the deployment waits for its answer' },

  {
    rule: 'Serverless-LambdaTracing',
    at: /\/Functions\/(connect|disconnect|message|rotate-socket-key|sweeper)\/Function\/Resource$/,
    reason: 'nothing that is traced calls them, and Lambda would begin a trace with nearly each of their calls',
  },

  // The APIs.
  {
    rule: 'AwsSolutions-APIG2',
    at: /\/PublicApi\/Api\/Resource$/,
    reason:
      'each function checks its request with one parser, whose errors are those of the contract; the gateway cannot check multipart',
  },
  {
    rule: 'AwsSolutions-APIG4',
    at: /\/(PublicApi|WebSocket)\/Api\//,
    reason:
      'the contract has a key in a header, which each function checks first; a socket is let in by the channel that was registered with one',
  },
  {
    rule: 'AwsSolutions-COG4',
    at: /\/PublicApi\/Api\//,
    reason: 'the same: callers are programs with a key, not people who log in',
  },
  {
    rule: 'AwsSolutions-APIG3',
    at: /\/PublicApi\/Api\/DeploymentStage/,
    reason: 'the firewall stands before CloudFront, and only where webAcl asks for it: $9 a month idle',
  },
  {
    rule: 'AwsSolutions-APIG6',
    at: /\/PublicApi\/Api\/DeploymentStage/,
    reason:
      'the access log has the error of each request, the function the rest; the execution log cannot be given an end, and would hold headers with keys',
  },

  // The front.
  { rule: 'AwsSolutions-CFR1', at: /\/Front\/Distribution\//, reason: 'the service is for every country' },
  {
    rule: 'AwsSolutions-CFR2',
    at: /\/Front\/Distribution\//,
    reason: 'webAcl is off by default: $9 a month idle, where the rest costs $12',
  },
  {
    rule: 'AwsSolutions-CFR4',
    at: /\/Front\/Distribution\//,
    reason: 'the certificate of cloudfront.net comes with its own TLS settings; with a domainName it is TLS 1.2',
  },

  // Logs.
  {
    rule: 'AwsSolutions-S1',
    at: /^SourceUploadFront\/WebPage\/Bucket\//,
    reason: 'public files that only CloudFront reads, whose log has every request',
  },
  {
    rule: 'AwsSolutions-VPC7',
    at: /^SourceUploadNetwork\/Network\/Vpc\//,
    reason:
      'costs by the traffic; the security groups leave nothing to be seen but TLS to AWS, the sockets and the cache',
  },

  // What becomes of a failure.
  {
    rule: 'Serverless-SQSRedrivePolicy',
    at: /\/ProcessQueue\/DeadLetters\//,
    reason: 'it is the queue for dead letters: what its function cannot end stays for 14 days, with an alarm',
  },
  {
    rule: 'Serverless-LambdaDLQ',
    at: /^SourceUploadApi\/Functions\//,
    reason:
      'called by somebody who waits for the answer, or by a queue that has one; the two others: see the next rule',
  },
  {
    rule: 'Serverless-LambdaAsyncFailureDestination',
    at: /^SourceUploadApi\/Functions\/(subscriber|sweeper)\//,
    reason:
      'a start that is lost is worth nothing: the doorbell stays in Redis, and the next ring or the next minute starts it again',
  },
  {
    rule: 'Serverless-LambdaEventSourceMappingDestination',
    at: /^SourceUploadApi\/Functions\/(process\/Deliveries|dead-letter\/DeadLetters)\//,
    reason: 'for streams; a queue has its own for dead letters instead',
  },
  {
    rule: 'Serverless-EventBusDLQ',
    at: /^SourceUploadApi\/Functions\/sweeper\/Schedule\//,
    reason: 'a minute that was missed is made good by the next',
  },
  {
    rule: 'Serverless-EventBusDLQ',
    at: /^SourceUploadApi\/KeepActive\//,
    reason: 'a day that was missed is made good by the next',
  },
  {
    rule: 'Serverless-SNSRedrivePolicy',
    at: /^SourceUploadObserve\/Alarms\/Topic\/[^/]+\/Resource$/,
    reason:
      'the mail of an alarm: SNS tries for hours by itself, and who would be told that dead letters wait gets no mail; the dashboard has how each alarm stands',
  },
];
