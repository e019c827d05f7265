import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

/** As long as the record of a source is kept (`SOURCE_TTL_MS` of the contract): then nobody can ask for its files either. */
const SOURCE_TTL = Duration.days(7);

/** `users/<user>/sources/<source-uuid>/<generation>/…`: a function that serves all users needs them all, but of each only the files it uses. */
type SourceFile = 'original' | 'text.txt' | 'result.json';

/** The bytes of each source, and what was made of them. */
export class SourceFiles extends Construct {
  readonly #bucket: s3.Bucket;

  constructor(scope: Construct, id: string, { log }: { readonly log: s3.IBucket }) {
    super(scope, id);
    this.#bucket = new s3.Bucket(this, 'Bucket', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // A key is only ever written again with the same content: a newer upload has keys of its own.
      // Old versions would keep what should be gone after a week.
      versioned: false,
      serverAccessLogsBucket: log,
      serverAccessLogsPrefix: 'sources/',
      lifecycleRules: [
        { id: 'end-of-sources', expiration: SOURCE_TTL },
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  grantPutOriginal(fn: ServiceFunction): void {
    this.#grant(fn, ['s3:PutObject'], ['original']);
  }

  /** In parts, for a body whose length is not known before; what breaks off is cleared away. */
  grantStreamOriginal(fn: ServiceFunction): void {
    this.#grant(fn, ['s3:PutObject', 's3:AbortMultipartUpload'], ['original']);
  }

  grantReadOriginal(fn: ServiceFunction): void {
    this.#grant(fn, ['s3:GetObject'], ['original']);
    // Without it S3 answers 403 for a file that is not there, and nobody could tell that from a missing right.
    fn.allow(['s3:ListBucket'], [this.#bucket.bucketArn]);
  }

  grantWriteResult(fn: ServiceFunction): void {
    this.#grant(fn, ['s3:PutObject'], ['result.json']);
  }

  /** Streamed, as it comes out of the document. */
  grantWriteText(fn: ServiceFunction): void {
    this.#grant(fn, ['s3:PutObject', 's3:AbortMultipartUpload'], ['text.txt']);
  }

  /** Links to the text work with the rights of the function that signed them. */
  grantReadText(fn: ServiceFunction): void {
    this.#grant(fn, ['s3:GetObject'], ['text.txt']);
  }

  /** All of a source, and what is being stored of it in parts. */
  grantRemove(fn: ServiceFunction): void {
    this.#grant(fn, ['s3:DeleteObject'], ['original', 'text.txt', 'result.json']);
    this.#grant(fn, ['s3:AbortMultipartUpload'], ['original', 'text.txt']);
    fn.allow(['s3:ListBucketMultipartUploads'], [this.#bucket.bucketArn]);
  }

  /** What it has stored too late. */
  grantRemoveOriginal(fn: ServiceFunction): void {
    this.#grant(fn, ['s3:DeleteObject'], ['original']);
  }

  #grant(fn: ServiceFunction, actions: readonly string[], files: readonly SourceFile[]): void {
    fn.allow(
      actions,
      files.map((file) => this.#bucket.arnForObjects(`users/*/sources/*/${file}`)),
    );
    fn.environment('SOURCES_BUCKET', this.#bucket.bucketName);
  }
}
