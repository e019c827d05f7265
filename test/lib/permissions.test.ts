import { afterAll, describe, expect, it } from 'vitest';
import { FUNCTION_NAMES, type FunctionName } from '../../lib/bundle.ts';
import { type Json, synthesize } from './synthesized.ts';

/** The whole of what each function may do and is told, written out: a change of the grants has to be meant. */

const app = synthesize({ allowFetchHosts: '127.0.0.1, files.example.com' });
afterAll(() => app[Symbol.dispose]());

/** Where Redis is, and as whom the function logs in there. */
const redis = (name: string) => ({
  REDIS_URL: `rediss://\${Cache.Endpoint.Address}:\${Cache.Endpoint.Port}`,
  REDIS_LOGIN: 'iam',
  REDIS_CACHE: 'sourceuploadnetwork-cache',
  REDIS_USER: `sourceuploadapi-${name}`,
});
/** As one user of one cache, and no other. */
const connecting = (name: string) => [
  'elasticache:Connect arn:AWS::Partition:elasticache:AWS::Region:AWS::AccountId:serverlesscache:sourceuploadnetwork-cache',
  `elasticache:Connect arn:AWS::Partition:elasticache:AWS::Region:AWS::AccountId:user:sourceuploadapi-${name}`,
];
const channels = { CHANNELS_TABLE: `\${ChannelsTable}` };
const connections = { CONNECTIONS_TABLE: `\${ConnectionsTable}` };
const sources = { SOURCES_TABLE: `\${SourcesTable}` };
const apiKeys = { API_KEYS_TABLE: `\${ApiKeysTable}` };
const files = { SOURCES_BUCKET: `\${SourceFilesBucket}` };
const queue = { PROCESS_QUEUE_URL: `\${ProcessQueue}` };
/** Callers of Lambda and SQS in the VPC have no IPv4 internet: these hosts answer over IPv6. */
const subscriber = {
  SUBSCRIBER_FUNCTION: 'SourceUploadApi-subscriber',
  AWS_ENDPOINT_URL_LAMBDA: 'https://lambda.AWS::Region.api.aws',
};
const limits = { MAX_CHANNELS: '10000', MAX_SOCKETS: '500', MAX_UPLOADS: '1000' };
const socketKey = { SOCKET_KEY_SECRET: `\${SocketTokensSecret}` };
const socketAuth = { SOCKET_AUTH: 'token', ...socketKey };
const management = {
  WEBSOCKET_MANAGEMENT_URL: `https://\${WebSocketApi}.execute-api.AWS::Region.AWS::URLSuffix/live`,
};

const table = (name: string) => `\${${name}Table.Arn}`;
const key = (file: string) => `\${SourceFilesBucket.Arn}/users/*/sources/*/${file}`;
const fn = (name: string) => `arn:AWS::Partition:lambda:AWS::Region:AWS::AccountId:function:SourceUploadApi-${name}`;
const sockets = (method: string) =>
  `arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:\${WebSocketApi}/live/${method}/@connections/*`;
const deadLetters = `\${ProcessQueueDeadLetters.Arn}`;
const byConnectionId = `${table('Connections')}/index/by-connection-id`;

const removing = [
  `s3:AbortMultipartUpload ${key('original')}`,
  `s3:AbortMultipartUpload ${key('text.txt')}`,
  `s3:DeleteObject ${key('original')}`,
  `s3:DeleteObject ${key('result.json')}`,
  `s3:DeleteObject ${key('text.txt')}`,
  `s3:ListBucketMultipartUploads \${SourceFilesBucket.Arn}`,
];

interface Access {
  readonly environment: Record<string, string>;
  readonly may: string[];
}

const ACCESS: Record<FunctionName, Access> = {
  'ws-address': {
    environment: {
      ...apiKeys,
      ...channels,
      ...socketAuth,
      ...limits,
      SHARDS: '4',
      WEBSOCKET_URL: `wss://\${WebSocketApi}.execute-api.AWS::Region.AWS::URLSuffix/live`,
    },
    may: [
      `dynamodb:GetItem ${table('ApiKeys')}`,
      `dynamodb:GetItem ${table('Channels')}`,
      `dynamodb:PutItem ${table('Channels')}`,
      `dynamodb:Query ${table('Channels')}/index/by-owner`,
      `dynamodb:UpdateItem ${table('Channels')}`,
      `secretsmanager:GetSecretValue \${SocketTokensSecret}`,
    ],
  },
  'upload-source': {
    environment: { ...apiKeys, ...channels, ...sources, ...files, ...queue, ...limits, SHARDS: '4' },
    may: [
      `dynamodb:Query ${table('Channels')}/index/by-owner`,
      `dynamodb:Query ${table('Sources')}/index/by-under-way`,
      `dynamodb:GetItem ${table('ApiKeys')}`,
      `dynamodb:GetItem ${table('Channels')}`,
      `dynamodb:PutItem ${table('Channels')}`,
      `dynamodb:UpdateItem ${table('Channels')}`,
      `dynamodb:GetItem ${table('Sources')}`,
      `dynamodb:UpdateItem ${table('Sources')}`,
      `s3:PutObject ${key('original')}`,
      `sqs:SendMessage \${ProcessQueue.Arn}`,
    ],
  },
  'source-status': {
    environment: { ...apiKeys, ...sources },
    may: [`dynamodb:GetItem ${table('ApiKeys')}`, `dynamodb:GetItem ${table('Sources')}`],
  },
  'cancel-source': {
    environment: { ...apiKeys, ...sources, ...files, ...redis('cancel-source'), ...subscriber },
    may: [
      ...connecting('cancel-source'),
      `dynamodb:GetItem ${table('ApiKeys')}`,
      `dynamodb:GetItem ${table('Sources')}`,
      `dynamodb:UpdateItem ${table('Sources')}`,
      `lambda:InvokeFunction ${fn('subscriber')}`,
      ...removing,
    ],
  },
  connect: {
    environment: { ...channels, ...connections, ...redis('connect'), ...subscriber, ...socketAuth, ...limits },
    may: [
      ...connecting('connect'),
      `dynamodb:Query ${table('Connections')}/index/by-owner`,
      `secretsmanager:GetSecretValue \${SocketTokensSecret}`,
      `dynamodb:GetItem ${table('Channels')}`,
      `dynamodb:PutItem ${table('Connections')}`,
      `lambda:InvokeFunction ${fn('subscriber')}`,
    ],
  },
  disconnect: {
    environment: { ...connections },
    may: [`dynamodb:Query ${byConnectionId}`, `dynamodb:DeleteItem ${table('Connections')}`],
  },
  message: {
    environment: { ...connections, ...redis('message'), ...subscriber, ...management },
    may: [
      ...connecting('message'),
      `dynamodb:Query ${byConnectionId}`,
      `execute-api:ManageConnections ${sockets('POST')}`,
      `lambda:InvokeFunction ${fn('subscriber')}`,
    ],
  },
  process: {
    environment: {
      ...sources,
      ...files,
      ...queue,
      ...redis('process'),
      ...subscriber,
      FETCH_FUNCTION: 'SourceUploadApi-fetch',
      FETCH_DEADLINE_SECONDS: '60',
      AWS_ENDPOINT_URL_SQS: 'https://sqs.AWS::Region.api.aws',
    },
    may: [
      ...connecting('process'),
      `dynamodb:GetItem ${table('Sources')}`,
      `dynamodb:UpdateItem ${table('Sources')}`,
      `lambda:InvokeFunction ${fn('fetch')}`,
      `lambda:InvokeFunction ${fn('subscriber')}`,
      ...removing,
      `s3:GetObject ${key('original')}`,
      `s3:GetObject ${key('text.txt')}`,
      `s3:ListBucket \${SourceFilesBucket.Arn}`,
      `s3:PutObject ${key('result.json')}`,
      `s3:PutObject ${key('text.txt')}`,
      `sqs:ChangeMessageVisibility \${ProcessQueue.Arn}`,
      `sqs:DeleteMessage \${ProcessQueue.Arn}`,
      `sqs:GetQueueAttributes \${ProcessQueue.Arn}`,
      `sqs:ReceiveMessage \${ProcessQueue.Arn}`,
    ],
  },
  fetch: {
    environment: {
      ...sources,
      ...files,
      ALLOW_FETCH_HOSTS: '127.0.0.1,files.example.com',
      FETCH_USER_AGENT: 'source-upload-service',
      FETCH_DEADLINE_SECONDS: '60',
      FETCH_CONNECT_SECONDS: '5',
      FETCH_IDLE_SECONDS: '30',
      FETCH_RETRIES: '3',
      FETCH_PORTS: '80,443',
    },
    may: [
      `dynamodb:GetItem ${table('Sources')}`,
      `s3:AbortMultipartUpload ${key('original')}`,
      `s3:DeleteObject ${key('original')}`,
      `s3:PutObject ${key('original')}`,
    ],
  },
  'dead-letter': {
    environment: {
      ...sources,
      ...redis('dead-letter'),
      ...subscriber,
      DEAD_LETTER_QUEUE_URL: `\${ProcessQueueDeadLetters}`,
      AWS_ENDPOINT_URL_SQS: 'https://sqs.AWS::Region.api.aws',
    },
    may: [
      ...connecting('dead-letter'),
      `dynamodb:GetItem ${table('Sources')}`,
      `dynamodb:UpdateItem ${table('Sources')}`,
      `lambda:InvokeFunction ${fn('subscriber')}`,
      `sqs:ChangeMessageVisibility ${deadLetters}`,
      `sqs:DeleteMessage ${deadLetters}`,
      `sqs:GetQueueAttributes ${deadLetters}`,
      `sqs:ReceiveMessage ${deadLetters}`,
    ],
  },
  subscriber: {
    environment: { ...channels, ...connections, ...sources, ...redis('subscriber'), ...subscriber, ...management },
    may: [
      ...connecting('subscriber'),
      `dynamodb:GetItem ${table('Channels')}`,
      `dynamodb:UpdateItem ${table('Channels')}`,
      `dynamodb:GetItem ${table('Sources')}`,
      `dynamodb:Query ${table('Sources')}/index/by-channel`,
      `dynamodb:UpdateItem ${table('Sources')}`,
      `dynamodb:Query ${table('Connections')}`,
      `dynamodb:DeleteItem ${table('Connections')}`,
      `execute-api:ManageConnections ${sockets('POST')}`,
      `execute-api:ManageConnections ${sockets('DELETE')}`,
      `lambda:InvokeFunction ${fn('subscriber')}`,
    ],
  },
  sweeper: {
    environment: {
      ...channels,
      ...connections,
      ...sources,
      ...queue,
      ...redis('sweeper'),
      ...subscriber,
      SHARDS: '4',
      AWS_ENDPOINT_URL_SQS: 'https://sqs.AWS::Region.api.aws',
    },
    may: [
      ...connecting('sweeper'),
      `dynamodb:GetItem ${table('Channels')}`,
      `dynamodb:Scan ${table('Connections')}`,
      `dynamodb:Query ${table('Connections')}/index/by-unannounced`,
      `dynamodb:UpdateItem ${table('Connections')}`,
      `dynamodb:GetItem ${table('Sources')}`,
      `dynamodb:Query ${table('Sources')}/index/by-deadline`,
      `dynamodb:UpdateItem ${table('Sources')}`,
      `lambda:InvokeFunction ${fn('subscriber')}`,
      `sqs:GetQueueAttributes \${ProcessQueue.Arn}`,
      `sqs:SendMessage \${ProcessQueue.Arn}`,
    ],
  },
  'rotate-socket-key': {
    environment: socketKey,
    may: [
      `secretsmanager:DescribeSecret \${SocketTokensSecret}`,
      `secretsmanager:GetSecretValue \${SocketTokensSecret}`,
      `secretsmanager:PutSecretValue \${SocketTokensSecret}`,
      `secretsmanager:UpdateSecretVersionStage \${SocketTokensSecret}`,
    ],
  },
};

/** Lambda's own work for a function in a VPC. */
const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses *',
  'ec2:CreateNetworkInterface *',
  'ec2:DeleteNetworkInterface *',
  'ec2:DescribeNetworkInterfaces *',
  'ec2:DescribeSubnets *',
  'ec2:UnassignPrivateIpAddresses *',
];

const TRACES = ['xray:PutTelemetryRecords *', 'xray:PutTraceSegments *'];

const idOf = (name: FunctionName) => `Functions${name.replaceAll('-', '')}`;

function statementsOf(name: FunctionName): Json[] {
  return app.resource('AWS::IAM::Policy', `${idOf(name)}RoleDefaultPolicy`).properties.PolicyDocument.Statement;
}

function pairs(statements: readonly Json[], effect: 'Allow' | 'Deny'): string[] {
  const all = statements
    .filter(({ Effect }) => Effect === effect)
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} ${app.render(resource)}`)),
    );
  return [...new Set(all)].sort(); // two grants may give the same right
}

describe.each(FUNCTION_NAMES)('%s', (name) => {
  const { environment, may } = ACCESS[name];
  const lambda = app.resource('AWS::Lambda::Function', `${idOf(name)}Function`).properties;
  const inVpc = lambda.VpcConfig !== undefined;
  const isTraced = lambda.TracingConfig !== undefined;

  it('is told exactly what it needs', () => {
    const variables = Object.entries<Json>(lambda.Environment.Variables);
    expect(Object.fromEntries(variables.map(([key, value]) => [key, app.render(value)]))).toEqual({
      ...environment,
      LOG_LEVEL: 'INFO',
    });
  });

  it('may do exactly what it needs', () => {
    const log = `\${${idOf(name)}Log.Arn}`;
    const always = [`logs:CreateLogStream ${log}`, `logs:PutLogEvents ${log}`, ...(isTraced ? TRACES : [])];
    const expected = [...may, ...always, ...(inVpc ? NETWORK_INTERFACES : [])];
    expect(pairs(statementsOf(name), 'Allow')).toEqual(expected.sort());
  });

  it('has a role that no other function has, without policies of AWS', () => {
    expect(app.render(lambda.Role)).toBe(`\${${idOf(name)}Role.Arn}`);
    const { properties } = app.resource('AWS::IAM::Role', `${idOf(name)}Role`);
    expect(properties.ManagedPolicyArns).toBeUndefined();
    expect(properties.AssumeRolePolicyDocument.Statement).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
  });
});

it.each(['cancel-source', 'connect', 'message', 'process', 'dead-letter', 'subscriber', 'sweeper'] as const)(
  'the code of %s is denied what only Lambda itself does with its role',
  (name) => {
    expect(pairs(statementsOf(name), 'Deny')).toEqual(NETWORK_INTERFACES);
    const [{ Condition }] = statementsOf(name).filter(({ Effect }) => Effect === 'Deny');
    expect(app.render(Condition.ArnEquals['lambda:SourceFunctionArn'])).toBe(fn(name));
  },
);

/** What of a permission ends in a wildcard, and why it has to. */
const WILDCARDS: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /^xray:Put(TelemetryRecords|TraceSegments) \*$/, reason: 'X-Ray has no resources' },
  { pattern: /^ec2:\w+ \*$/, reason: 'network interfaces that do not exist yet; denied to the code itself' },
  {
    pattern: /^s3:\w+ \S+\/users\/\*\/sources\/\*\/(original|text\.txt|result\.json)$/,
    reason: 'one function, all users',
  },
  {
    pattern: /^execute-api:ManageConnections \S+\/@connections\/\*$/,
    reason: 'connection ids are made by the gateway',
  },
  { pattern: /^s3:\S+ \$\{WebPageBucket\.Arn\}(\/\*)?$/, reason: 'the deployment of the page, a function of the CDK' },
  { pattern: /^s3:\S+ arn:AWS::Partition:s3:::cdk-\S+$/, reason: 'the same, reading its assets' },
];

it('has no wildcard in any permission but those that are listed with their reason', () => {
  const all = app
    .resources('AWS::IAM::Policy')
    .flatMap(({ properties }) => pairs(properties.PolicyDocument.Statement, 'Allow'));
  const unexplained = all.filter((pair) => pair.includes('*') && !WILDCARDS.some(({ pattern }) => pattern.test(pair)));
  expect(unexplained).toEqual([]);
  for (const { pattern } of WILDCARDS) expect(all.some((pair) => pattern.test(pair))).toBe(true);
});

it('lets a function be called by API Gateway from its own route only, the sweeper by its schedule, the rotation by its secret, and those of the VPC once a day', () => {
  const permissions = app
    .resources('AWS::Lambda::Permission')
    .map(({ properties }) => [
      app.render(properties.FunctionName).replace(/.*Functions(\w+)Function.*/, '$1'),
      app.render(properties.SourceArn).replace(/^arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:/, ''),
    ]);
  const isDaily = ([, source = '']: readonly string[]) => source.startsWith(`\${KeepActive`);
  const daily = permissions.filter(isDaily);
  expect(Object.fromEntries(daily)).toEqual({
    connect: `\${KeepActiveCallers.Arn}`,
    message: `\${KeepActiveCallers.Arn}`,
    cancelsource: `\${KeepActiveCallers.Arn}`,
    process: `\${KeepActiveWorkers.Arn}`,
    deadletter: `\${KeepActiveWorkers.Arn}`,
    subscriber: `\${KeepActiveWorkers.Arn}`,
  });
  expect(daily).toHaveLength(6);
  const others = permissions.filter((permission) => !isDaily(permission));
  expect(Object.fromEntries(others)).toEqual({
    wsaddress: `\${PublicApi}/\${PublicApiDeploymentStagelive}/POST/public/sources/ws`,
    uploadsource: `\${PublicApi}/\${PublicApiDeploymentStagelive}/POST/public/sources/upload-source`,
    sourcestatus: `\${PublicApi}/\${PublicApiDeploymentStagelive}/GET/public/sources/*`,
    cancelsource: `\${PublicApi}/\${PublicApiDeploymentStagelive}/DELETE/public/sources/*`,
    connect: `\${WebSocketApi}/*$connect`,
    disconnect: `\${WebSocketApi}/*$disconnect`,
    message: `\${WebSocketApi}/*$default`,
    sweeper: `\${FunctionssweeperSchedule.Arn}`,
    rotatesocketkey: `\${SocketTokensSecret}`,
  });
  expect(others).toHaveLength(9);
});
