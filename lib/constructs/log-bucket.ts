import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Long enough to look into what was noticed late. */
const KEPT_FOR = Duration.days(90);

/**
 * For what AWS itself logs of who came.
 * @param writtenByAcl CloudFront writes its log as an object of its own, and needs the ACLs that all else is better without.
 */
export function createLogBucket(
  scope: Construct,
  id: string,
  { writtenByAcl = false }: { readonly writtenByAcl?: boolean } = {},
): s3.Bucket {
  return new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    encryption: s3.BucketEncryption.S3_MANAGED, // the only one that both kinds of log can be written with
    enforceSSL: true,
    ...(writtenByAcl ? { objectOwnership: s3.ObjectOwnership.OBJECT_WRITER } : {}),
    lifecycleRules: [{ id: 'end-of-logs', expiration: KEPT_FOR }],
    removalPolicy: RemovalPolicy.RETAIN, // whoever deletes the service does not delete the traces of it
  });
}
