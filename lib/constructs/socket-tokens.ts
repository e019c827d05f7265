import { RemovalPolicy } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { ServiceFunction } from './service-function.ts';

/** Far longer than any token lives: what was signed with the key before is accepted until the next rotation. */
const ROTATE_AFTER_DAYS = 30;

/** Letters and digits, 64 of 62 each: 381 bits for the first key. The ones after it are made by the function. */
const FIRST_KEY_CHARACTERS = 64;

/**
 * The key that the addresses of sockets are signed with. Encrypted with the key that AWS manages for the account. It stands in
 * the stack of the functions: it is nothing to keep, since whoever lacks it makes another and asks for new addresses.
 */
export class SocketTokens extends Construct {
  readonly #secret: secretsmanager.CfnSecret;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#secret = new secretsmanager.CfnSecret(this, 'Secret', {
      description: 'Signs the addresses of sockets',
      generateSecretString: { passwordLength: FIRST_KEY_CHARACTERS, excludePunctuation: true },
    });
    this.#secret.applyRemovalPolicy(RemovalPolicy.DESTROY);
  }

  /** The key and the one before it. */
  grantRead(fn: ServiceFunction): void {
    fn.allow(['secretsmanager:GetSecretValue'], [this.#secret.ref]);
    fn.environment('SOCKET_KEY_SECRET', this.#secret.ref);
  }

  /** Makes new keys, and is called for it. */
  grantRotate(fn: ServiceFunction): void {
    this.grantRead(fn);
    fn.allow(
      ['secretsmanager:DescribeSecret', 'secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'],
      [this.#secret.ref],
    );
    fn.lambda.addPermission('Rotate', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceArn: this.#secret.ref,
    });
    const schedule = new secretsmanager.CfnRotationSchedule(this, 'Rotation', {
      secretId: this.#secret.ref,
      rotationLambdaArn: fn.lambda.functionArn,
      rotationRules: { automaticallyAfterDays: ROTATE_AFTER_DAYS },
      rotateImmediatelyOnUpdate: false, // the first key has just been made
    });
    // Secrets Manager tries at once whether it may call the function, and the function what it needs.
    schedule.node.addDependency(fn);
  }
}
