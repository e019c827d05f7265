import type { Node } from 'constructs';
import { SettingError } from './setting-error.ts';

/** What may stand in front, beyond what CloudFront does by itself. */
export interface FrontSettings {
  /** A name of your own, with its certificate. Default: the name that CloudFront gives. */
  readonly domain: { readonly name: string; readonly certificateArn: string } | undefined;
  /** A firewall: `managed` makes one, an ARN names one that there is. Default none, since it costs some $9 a month idle. */
  readonly webAcl: 'managed' | { readonly arn: string } | undefined;
}

/** CloudFront takes both from there only, wherever the service itself is. */
const CERTIFICATE = /^arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/;
const WEB_ACL = /^arn:aws[\w-]*:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]+\/[\w-]+$/;

const DOMAIN_NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** @throws naming the context value that makes no sense. */
export function readFrontSettings(node: Node): FrontSettings {
  return { domain: domain(node), webAcl: webAcl(node) };
}

function domain(node: Node): FrontSettings['domain'] {
  const name = text(node, 'domainName');
  const certificateArn = text(node, 'certificateArn');
  if (name === '' && certificateArn === '') return undefined;
  if (!CERTIFICATE.test(certificateArn)) {
    throw new SettingError(
      `Context value "certificateArn" has to be the ARN of a certificate in us-east-1, not "${certificateArn}".`,
    );
  }
  if (!DOMAIN_NAME.test(name)) {
    throw new SettingError(`Context value "domainName" has to be a domain name in lower case, not "${name}".`);
  }
  return { name, certificateArn };
}

function webAcl(node: Node): FrontSettings['webAcl'] {
  const value = text(node, 'webAcl');
  if (value === '') return undefined;
  if (value === 'managed') return value;
  if (!WEB_ACL.test(value)) {
    throw new SettingError(
      `Context value "webAcl" has to be "managed" or the ARN of a web ACL for CloudFront in us-east-1, not "${value}".`,
    );
  }
  return { arn: value };
}

function text(node: Node, name: string): string {
  const value: unknown = node.tryGetContext(name) ?? '';
  if (typeof value !== 'string')
    throw new SettingError(`Context value "${name}" has to be text, not ${JSON.stringify(value)}.`);
  return value;
}
