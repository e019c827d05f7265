import { readdirSync } from 'node:fs';
import { RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as deployment from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';

/** The files of the web page, and that they are where CloudFront finds them. */
export class WebPage extends Construct {
  readonly bucket: s3.Bucket;
  /** The paths of its files, each with a slash before it. */
  readonly files: readonly string[];

  constructor(scope: Construct, id: string, { dir }: { readonly dir: string }) {
    super(scope, id);
    this.files = readdirSync(dir).map((name) => `/${name}`);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY, // every file comes out of the repository
    });
    new deployment.BucketDeployment(this, 'Files', {
      sources: [deployment.Source.asset(dir)],
      destinationBucket: this.bucket,
      // Names stay the same from one version to the next, so every use asks whether the file is still current.
      cacheControl: [deployment.CacheControl.noCache()],
      retainOnDelete: false, // or the bucket, which is not empty then, could not be deleted
      // The CDK's own would be kept when the stack is deleted, under a name that no later one uses.
      logGroup: new logs.LogGroup(this, 'Log', {
        retention: logs.RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    // The deployment marks the bucket as its own, and while it is marked leaves the files there whatever was asked of it.
    (this.bucket.node.defaultChild as s3.CfnBucket).addPropertyDeletionOverride('Tags');
  }
}
