import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Resource } from '../template/resource-type.ts';
import type { Template } from '../template/template.ts';
import { TemplateError } from '../template/template-error.ts';
import { type BucketDeploymentProperties, bucketDeployment } from '../template/types/custom-resources.ts';
import type { S3SqsService } from './service.ts';

/** Copies the assets of the template's bucket deployments to where they belong, as the CDK's helper function does on AWS. */
export async function runBucketDeployments(template: Template, objects: S3SqsService['objects']): Promise<void> {
  const pruned = new Map<string, Set<string>>();
  for (const deployment of template.of(bucketDeployment)) {
    const { DestinationBucketName, DestinationBucketKeyPrefix, Prune } = deployment.properties;
    const keys = await deploy(deployment, template, objects);
    const scope = `${DestinationBucketName}/${DestinationBucketKeyPrefix}`;
    if (Prune) pruned.set(scope, new Set([...(pruned.get(scope) ?? []), ...keys]));
  }
  for (const [scope, keys] of pruned) {
    const slash = scope.indexOf('/');
    prune(scope.slice(0, slash), scope.slice(slash + 1), keys, objects);
  }
}

async function deploy(
  { properties, path }: Resource<BucketDeploymentProperties>,
  template: Template,
  objects: S3SqsService['objects'],
): Promise<Set<string>> {
  const { SourceObjectKeys, DestinationBucketName, DestinationBucketKeyPrefix, SystemMetadata } = properties;
  const headers = systemHeaders(SystemMetadata, `${path}/Properties/SystemMetadata`);
  const keys = new Set<string>();
  for (const objectKey of SourceObjectKeys) {
    const asset = template.asset(objectKey, `${path}/Properties/SourceObjectKeys`);
    for (const file of await filesBelow(asset.path)) {
      const key = DestinationBucketKeyPrefix + relative(asset.path, file).replaceAll(sep, '/');
      const type = headers.contentType ?? CONTENT_TYPES[extname(file)] ?? 'binary/octet-stream';
      objects.putObject(DestinationBucketName, key, await readFile(file), type, {}, headers);
      keys.add(key);
    }
  }
  return keys;
}

function prune(bucket: string, prefix: string, keep: ReadonlySet<string>, objects: S3SqsService['objects']): void {
  for (const { key } of objects.listObjects(bucket, { prefix, maxKeys: Number.MAX_SAFE_INTEGER }).objects) {
    if (!keep.has(key)) objects.deleteObject(bucket, key);
  }
}

const SYSTEM_METADATA = {
  'cache-control': 'cacheControl',
  'content-disposition': 'contentDisposition',
  'content-encoding': 'contentEncoding',
  'content-language': 'contentLanguage',
  'content-type': 'contentType',
} as const;

type SystemHeaders = { [name in (typeof SYSTEM_METADATA)[keyof typeof SYSTEM_METADATA]]?: string };

function systemHeaders(metadata: Readonly<Record<string, string>>, path: string): SystemHeaders {
  const headers: SystemHeaders = {};
  for (const [name, value] of Object.entries(metadata)) {
    if (!Object.hasOwn(SYSTEM_METADATA, name)) {
      throw new TemplateError('unsupported-property', `${path}/${name}`, 'property not supported by the local runtime');
    }
    headers[SYSTEM_METADATA[name as keyof typeof SYSTEM_METADATA]] = value;
  }
  return headers;
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** What the AWS command line, which the helper function runs, makes of these names. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'application/javascript',
  '.mjs': 'application/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.txt': 'text/plain',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/vnd.microsoft.icon',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};
