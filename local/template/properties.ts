import type { AnyResourceType } from './resource-type.ts';
import { TemplateError } from './template-error.ts';

/** @returns the properties as the type declares them. Throws with the path of the first that it does not. */
export function parseProperties(type: AnyResourceType, resolved: unknown, path: string): unknown {
  const result = type.properties.safeParse(resolved);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A misspelt property is both unknown and missing: the first says more.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  const at = [path, ...issue.path.map(String)].join('/');
  if (issue.code === 'unrecognized_keys') {
    throw new TemplateError(
      'unsupported-property',
      `${at}/${issue.keys[0]}`,
      'property not supported by the local runtime',
    );
  }
  throw new TemplateError('invalid-property', at, `${issue.message} (${type.type})`, { cause: result.error });
}
