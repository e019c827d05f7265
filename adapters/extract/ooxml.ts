import { SourceFailure } from '../../domain/errors.ts';
import { MAX_HELD_ENTRIES } from './limits.ts';
import { readTitle } from './title.ts';
import { readXml } from './xml-reader.ts';
import type { Zip } from './zip.ts';

export interface Relationship {
  /** The last word of its type, which the strict and the transitional variant of the formats share. */
  readonly type: string;
  /** The name of a part. */
  readonly target: string;
}

/** @returns what a part refers to, by id; what lies outside of the document is left out. */
export async function relationshipsOf(zip: Zip, part: string): Promise<Map<string, Relationship>> {
  const relationships = new Map<string, Relationship>();
  const slash = part.lastIndexOf('/') + 1;
  const name = `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`;
  if (!zip.has(name)) return relationships;
  await readXml(zip.read(name), {
    open(element, attribute) {
      if (element !== 'rel:Relationship' || attribute('TargetMode') === 'External') return undefined;
      if (relationships.size === MAX_HELD_ENTRIES) throw tooManyEntries();
      const type = attribute('Type')?.split('/').at(-1) ?? '';
      relationships.set(attribute('Id') ?? '', { type, target: resolvePart(part, attribute('Target') ?? '') });
      return undefined;
    },
  });
  return relationships;
}

/** Of relationships, styles, formats and whatever else is held while a document is read. */
export function tooManyEntries(): SourceFailure {
  return new SourceFailure(
    'document-too-many-parts',
    `The document lists more than ${MAX_HELD_ENTRIES} things of one kind that its text depends on: split it.`,
  );
}

/** The first of that type, of which there is one at most. */
export function targetOf(relationships: ReadonlyMap<string, Relationship>, type: string): string | undefined {
  for (const relationship of relationships.values()) if (relationship.type === type) return relationship.target;
  return undefined;
}

/** @returns the part that `reference` means inside `part`. */
export function resolvePart(part: string, reference: string): string {
  const path = reference.replace(/[?#].*$/s, '');
  const parts = path.startsWith('/') ? [] : part.split('/').slice(0, -1);
  for (const step of path.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '' && step !== '.') parts.push(decoded(step));
  }
  return parts.join('/');
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

/** The type of the content of one part, as the package says. */
export async function contentTypeOf(zip: Zip, part: string): Promise<string | undefined> {
  const extension = part.slice(part.lastIndexOf('.') + 1).toLowerCase();
  let byName: string | undefined;
  let byExtension: string | undefined;
  await readXml(zip.read('[Content_Types].xml'), {
    open(element, attribute) {
      if (
        element === 'types:Override' &&
        resolvePart('', attribute('PartName') ?? '').toLowerCase() === part.toLowerCase()
      )
        byName = attribute('ContentType');
      if (element === 'types:Default' && attribute('Extension')?.toLowerCase() === extension)
        byExtension = attribute('ContentType');
      return undefined;
    },
  });
  return byName ?? byExtension;
}

export async function titleOfPackage(zip: Zip): Promise<string | undefined> {
  const part = targetOf(await relationshipsOf(zip, ''), 'core-properties');
  return part !== undefined && zip.has(part) ? readTitle(zip.read(part)) : undefined;
}
