import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runBucketDeployments } from '../../../local/s3-sqs/bucket-deployment.ts';
import { type OpenStores, openStores } from '../../../local/s3-sqs/stores.ts';
import { RESOURCE_TYPES } from '../../../local/template/resource-types.ts';
import { resolveTemplate } from '../../../local/template/template.ts';

let folder: string;
let objects: OpenStores['s3Store'];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deployment-'));
  await mkdir(join(folder, 'img'));
  await writeFile(join(folder, 'index.html'), '<p>');
  await writeFile(join(folder, 'img', 'a.svg'), '<svg/>');
  objects = (await openStores()).s3Store;
  objects.createBucket('web');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function deploy(properties: object): Promise<void> {
  const Properties = {
    ServiceToken: 'arn:helper',
    SourceBucketNames: ['assets'],
    SourceObjectKeys: ['hash.zip'],
    DestinationBucketName: 'web',
    ...properties,
  };
  const assets = [{ path: folder, objectKey: 'hash.zip', displayName: '', packaging: 'zip' as const }];
  const template = { Resources: { Deployment: { Type: 'Custom::CDKBucketDeployment', Properties } } };
  await runBucketDeployments(resolveTemplate([{ name: 'S', template, assets }], RESOURCE_TYPES), objects);
}

const keys = () => objects.listObjects('web').objects.map(({ key }) => key);

test('the files of the asset are in the bucket, with their types and the metadata of the template', async () => {
  await deploy({ SystemMetadata: { 'cache-control': 'no-cache' } });
  expect(keys()).toEqual(['img/a.svg', 'index.html']);
  expect(objects.getObject('web', 'index.html')).toMatchObject({ contentType: 'text/html', cacheControl: 'no-cache' });
  expect(objects.getObject('web', 'img/a.svg').contentType).toBe('image/svg+xml');
});

test('a file that the asset no longer has goes, where the template says so', async () => {
  objects.putObject('web', 'old.html', Buffer.from('old'));
  await deploy({ Prune: false });
  expect(keys()).toContain('old.html');
  await deploy({});
  expect(keys()).toEqual(['img/a.svg', 'index.html']);
});

test('metadata that is not known stops the start', async () => {
  await expect(deploy({ SystemMetadata: { 'storage-class': 'GLACIER' } })).rejects.toThrow(
    'S/Resources/Deployment/Properties/SystemMetadata/storage-class: property not supported by the local runtime',
  );
});
