import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Long enough to look into what was noticed late. */
const KEPT_FOR = Duration.days(90);

/** For what AWS itself logs of who came, each log below a prefix of its own. */
export function createLogBucket(scope: Construct, id: string): s3.Bucket {
  return new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    encryption: s3.BucketEncryption.S3_MANAGED, // the only one that the log of a bucket can be written with
    enforceSSL: true,
    // CloudFront gives each file that it writes to us by an ACL, which buckets refuse by default.
    objectOwnership: s3.ObjectOwnership.OBJECT_WRITER,
    lifecycleRules: [{ id: 'end-of-logs', expiration: KEPT_FOR }],
    removalPolicy: RemovalPolicy.RETAIN, // whoever deletes the service does not delete the traces of it
  });
}
