import { TemplateError } from './template-error.ts';

/** One entry of `Resources`, as written. */
export interface ResourceEntry {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface OutputEntry {
  readonly Value: unknown;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

/** The sections of a template that mean something here. */
export interface StackTemplate {
  readonly Resources: Readonly<Record<string, ResourceEntry>>;
  readonly Outputs: Readonly<Record<string, OutputEntry>>;
  readonly Parameters: Readonly<Record<string, { readonly Type: string; readonly Default?: unknown }>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

const SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
  // The CDK's check of the bootstrap version: there is no bootstrap here.
  'Rules',
]);

/** The deletion policies matter when a stack is deleted or updated: nothing here is. */
const RESOURCE_ATTRIBUTES = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
]);

const OUTPUT_ATTRIBUTES = new Set(['Value', 'Condition', 'Export', 'Description']);

/** Throws where a section, or an attribute of a resource or of an output, is not known here. */
export function parseStackTemplate(stack: string, template: Readonly<Record<string, unknown>>): StackTemplate {
  const unknown = Object.keys(template).find((section) => !SECTIONS.has(section));
  if (unknown)
    throw new TemplateError('unknown-section', `${stack}/${unknown}`, 'section not supported by the local runtime');
  const {
    Resources = {},
    Outputs = {},
    Parameters = {},
    Conditions = {},
    Mappings = {},
  } = template as Partial<StackTemplate>;
  checkAttributes(`${stack}/Resources`, Resources, RESOURCE_ATTRIBUTES);
  checkAttributes(`${stack}/Outputs`, Outputs, OUTPUT_ATTRIBUTES);
  return { Resources, Outputs, Parameters, Conditions, Mappings };
}

function checkAttributes(path: string, entries: Readonly<Record<string, object>>, known: ReadonlySet<string>): void {
  for (const [id, entry] of Object.entries(entries)) {
    const unknown = Object.keys(entry).find((attribute) => !known.has(attribute));
    if (unknown) {
      throw new TemplateError(
        'unknown-resource-attribute',
        `${path}/${id}/${unknown}`,
        'not supported by the local runtime',
      );
    }
  }
}
