import { afterAll, describe, expect, it } from 'vitest';
import { SOURCE_TTL_MS } from '../../domain/limits.ts';
import { synthesize } from './synthesized.ts';

const app = synthesize();
afterAll(() => app[Symbol.dispose]());

describe('the tables', () => {
  const tables = app.resources('AWS::DynamoDB::Table');

  it.each([
    ['Channels', ['ws-uuid'], 'expires'],
    ['Connections', ['ws-uuid', 'connection-id'], 'expires'],
    ['Sources', ['source-uuid'], 'expires'],
    ['ApiKeys', ['key-hash'], undefined],
  ])('%s has the key %j and ends its records at %s', (name, key, ttl) => {
    const { properties } = app.resource('AWS::DynamoDB::Table', name);
    expect(properties.KeySchema.map(({ AttributeName }: { AttributeName: string }) => AttributeName)).toEqual(key);
    expect(properties.TimeToLiveSpecification?.AttributeName).toBe(ttl);
  });

  /** For counting, which needs nothing but that they are there. */
  const byOwner = (hash: string, range: string, IndexName: string) => ({
    IndexName,
    KeySchema: [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: range, KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  });

  it('counts the channels of a user', () => {
    const { properties } = app.resource('AWS::DynamoDB::Table', 'Channels');
    expect(properties.GlobalSecondaryIndexes).toEqual([byOwner('owner', 'expires', 'by-owner')]);
  });

  it('finds a connection by its id alone, those that Redis was not told of, and counts those of a user', () => {
    const { properties } = app.resource('AWS::DynamoDB::Table', 'Connections');
    expect(properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'by-connection-id',
        KeySchema: [{ AttributeName: 'connection-id', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
      {
        IndexName: 'by-unannounced',
        KeySchema: [{ AttributeName: 'unannounced', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
      byOwner('owner', 'connected-at', 'by-owner'),
    ]);
  });

  it('finds what is past its deadline and the sources of a channel, by indexes that hold no content', () => {
    const { properties } = app.resource('AWS::DynamoDB::Table', 'Sources');
    expect(properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'by-deadline',
        KeySchema: [
          { AttributeName: 'unfinished', KeyType: 'HASH' },
          { AttributeName: 'deadline', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
      {
        IndexName: 'by-channel',
        KeySchema: [
          { AttributeName: 'ws-uuid', KeyType: 'HASH' },
          { AttributeName: 'opened-at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['ended-at'] },
      },
      byOwner('under-way', 'opened-at', 'by-under-way'),
    ]);
  });

  it('are on demand, recoverable, protected from deletion, and outlive the stack', () => {
    expect(tables).toHaveLength(4);
    for (const { properties, deletionPolicy } of tables) {
      expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(properties.DeletionProtectionEnabled).toBe(true);
      expect(properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
      expect(deletionPolicy).toBe('Retain');
    }
  });
});

describe('the bucket of sources', () => {
  const bucket = app.resource('AWS::S3::Bucket', 'SourceFilesBucket');

  it('is private, encrypted, and outlives the stack', () => {
    expect(Object.values(bucket.properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(bucket.properties.BucketEncryption.ServerSideEncryptionConfiguration).toHaveLength(1);
    expect(bucket.deletionPolicy).toBe('Retain');
  });

  it('keeps files exactly as long as the record of their source, and no old versions of them', () => {
    const days = bucket.properties.LifecycleConfiguration.Rules.map(
      (rule: { ExpirationInDays?: number }) => rule.ExpirationInDays,
    ).filter(Boolean);
    expect(days).toEqual([SOURCE_TTL_MS / (24 * 60 * 60_000)]);
    expect(bucket.properties.VersioningConfiguration).toBeUndefined();
  });

  it('has each of its requests logged, for 90 days', () => {
    const { DestinationBucketName, LogFilePrefix } = bucket.properties.LoggingConfiguration;
    expect(app.render(DestinationBucketName)).toBe(`\${AccessLogs}`);
    expect(LogFilePrefix).toBe('sources/');
    const log = app.resource('AWS::S3::Bucket', 'AccessLogs');
    expect(log.properties.LifecycleConfiguration.Rules).toEqual([
      { Id: 'end-of-logs', ExpirationInDays: 90, Status: 'Enabled' },
    ]);
    expect(log.deletionPolicy).toBe('Retain');
  });

  it('clears unfinished uploads away after a day', () => {
    expect(bucket.properties.LifecycleConfiguration.Rules).toContainEqual(
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' }),
    );
  });
});

describe('the queue', () => {
  const { properties } = app.resource('AWS::SQS::Queue', 'ProcessQueue');
  const deadLetters = app.resource('AWS::SQS::Queue', 'DeadLetters');

  it('hides a delivery for longer than its worker may run', () => {
    const worker = app.resource('AWS::Lambda::Function', 'process');
    expect(properties.VisibilityTimeout).toBe(330);
    expect(properties.VisibilityTimeout).toBeGreaterThan(worker.properties.Timeout);
  });

  it('sets a delivery aside after ten receives, for two weeks', () => {
    expect(properties.RedrivePolicy.maxReceiveCount).toBe(10);
    expect(app.render(properties.RedrivePolicy.deadLetterTargetArn)).toBe(`\${ProcessQueueDeadLetters.Arn}`);
    expect(deadLetters.properties.MessageRetentionPeriod).toBe(14 * 24 * 60 * 60);
  });

  it('hides a dead letter for longer than the function may run that ends its source', () => {
    const { Timeout } = app.resource('AWS::Lambda::Function', 'deadletter').properties;
    expect(deadLetters.properties.VisibilityTimeout).toBeGreaterThan(Timeout);
  });

  it('is encrypted, and so is the one for dead letters', () => {
    expect(properties.SqsManagedSseEnabled).toBe(true);
    expect(deadLetters.properties.SqsManagedSseEnabled).toBe(true);
  });
});

it('lets the public into no bucket, and encrypts each', () => {
  const buckets = app.resources('AWS::S3::Bucket');
  expect(buckets).toHaveLength(3);
  for (const { properties } of buckets) {
    expect(Object.values(properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    expect(properties.BucketEncryption.ServerSideEncryptionConfiguration).toHaveLength(1);
  }
});

it('refuses whoever comes without TLS, to every bucket and queue', () => {
  const guarded = app.resources('AWS::S3::Bucket').length + app.resources('AWS::SQS::Queue').length;
  const policies = [...app.resources('AWS::S3::BucketPolicy'), ...app.resources('AWS::SQS::QueuePolicy')];
  const refusing = policies.filter(({ properties }) =>
    properties.PolicyDocument.Statement.some(
      (statement: { Effect: string; Condition?: object }) =>
        statement.Effect === 'Deny' &&
        JSON.stringify(statement.Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
    ),
  );
  expect(refusing).toHaveLength(guarded);
});
