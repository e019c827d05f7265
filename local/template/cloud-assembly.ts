import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { TemplateError } from './template-error.ts';

/** One synthesized stack, as it lies in `cdk.out`. */
export interface StackArtifact {
  readonly name: string;
  readonly template: Readonly<Record<string, unknown>>;
  readonly assets: readonly Asset[];
}

/** A file or folder that a deployment uploads; `objectKey` is how templates name it. */
export interface Asset {
  readonly path: string;
  readonly objectKey: string;
  readonly displayName: string;
  readonly packaging: 'file' | 'zip';
}

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      dependencies: z.array(z.string()).default([]),
      displayName: z.string().optional(),
      properties: z
        .looseObject({
          templateFile: z.string().optional(),
          file: z.string().optional(),
          stackName: z.string().optional(),
        })
        .default({}),
    }),
  ),
});

const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      displayName: z.string().default(''),
      source: z.object({ path: z.string(), packaging: z.enum(['file', 'zip']) }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
  dockerImages: z.record(z.string(), z.unknown()).default({}),
});

type Artifacts = z.infer<typeof manifestSchema>['artifacts'];

/** @returns the stacks of a synthesized app, each after those that it depends on. */
export async function readCloudAssembly(directory: string): Promise<StackArtifact[]> {
  const { artifacts } = manifestSchema.parse(await readJson(join(directory, 'manifest.json')));
  const nested = Object.keys(artifacts).find((id) => artifacts[id]!.type === 'cdk:cloud-assembly');
  if (nested) throw new TemplateError('unknown-section', nested, 'stages are not supported by the local runtime');
  return await Promise.all(stackOrder(artifacts).map((id) => readStack(directory, id, artifacts)));
}

function stackOrder(artifacts: Artifacts): string[] {
  const ordered: string[] = [];
  const visit = (id: string, trail: readonly string[]): void => {
    if (ordered.includes(id) || artifacts[id] === undefined) return;
    if (trail.includes(id))
      throw new TemplateError('circular-reference', [...trail, id].join(' → '), 'stacks depend on each other');
    for (const dependency of artifacts[id].dependencies) visit(dependency, [...trail, id]);
    ordered.push(id);
  };
  for (const id of Object.keys(artifacts)) visit(id, []);
  return ordered.filter((id) => artifacts[id]?.type === 'aws:cloudformation:stack');
}

async function readStack(directory: string, id: string, artifacts: Artifacts): Promise<StackArtifact> {
  const artifact = artifacts[id]!;
  const name = artifact.properties.stackName ?? id;
  const manifests = artifact.dependencies.filter((dependency) => artifacts[dependency]?.type === 'cdk:asset-manifest');
  const assets = await Promise.all(
    manifests.map((manifest) => readAssets(directory, artifacts[manifest]!.properties.file!, name)),
  );
  const template = (await readJson(join(directory, artifact.properties.templateFile!))) as Record<string, unknown>;
  return { name, template, assets: assets.flat() };
}

async function readAssets(directory: string, file: string, stack: string): Promise<Asset[]> {
  const { files, dockerImages } = assetsSchema.parse(await readJson(join(directory, file)));
  if (Object.keys(dockerImages).length > 0) {
    throw new TemplateError('missing-asset', stack, 'Docker image assets are not supported by the local runtime');
  }
  return Object.values(files).flatMap(({ source, destinations, displayName }) =>
    Object.values(destinations).map(({ objectKey }) => ({
      path: join(directory, source.path),
      objectKey,
      displayName,
      packaging: source.packaging,
    })),
  );
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
