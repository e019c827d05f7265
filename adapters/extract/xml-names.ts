/**
 * Which namespace a name is of, under the prefix that it has in the standards: producers choose others (`x:row`, `ns0:p`),
 * and the strict and the transitional variant of a format differ in nothing else. A name of any other namespace begins
 * with a colon. Attributes without a prefix are named without one.
 */
const PREFIXES = new Map([
  ['http://www.w3.org/XML/1998/namespace', 'xml'],
  ...both('wordprocessingml/2006/main', 'wordprocessingml/main', 'w'),
  ...both('spreadsheetml/2006/main', 'spreadsheetml/main', 's'),
  ...both('presentationml/2006/main', 'presentationml/main', 'p'),
  ...both('drawingml/2006/main', 'drawingml/main', 'a'),
  ...both('drawingml/2006/diagram', 'drawingml/diagram', 'dgm'),
  ...both('officeDocument/2006/relationships', 'officeDocument/relationships', 'r'),
  ...both('officeDocument/2006/math', 'officeDocument/math', 'm'),
  ['http://schemas.openxmlformats.org/markup-compatibility/2006', 'mc'],
  ['http://schemas.openxmlformats.org/package/2006/content-types', 'types'],
  ['http://schemas.openxmlformats.org/package/2006/relationships', 'rel'],
  ['http://purl.org/dc/elements/1.1/', 'dc'],
  ...['office', 'text', 'table', 'style', 'presentation', 'manifest', 'meta'].map((name): [string, string] => [
    `urn:oasis:names:tc:opendocument:xmlns:${name}:1.0`,
    name,
  ]),
  ['urn:oasis:names:tc:opendocument:xmlns:drawing:1.0', 'draw'],
  ['urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0', 'fo'],
  ['urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0', 'svg'],
  ['urn:oasis:names:tc:opendocument:xmlns:container', 'container'],
  ['http://www.idpf.org/2007/opf', 'opf'],
  ['http://www.w3.org/2001/04/xmlenc#', 'enc'],
  ['http://www.w3.org/1999/xhtml', 'xhtml'],
  ['http://www.w3.org/2000/svg', 'picture'],
]);

function both(transitional: string, strict: string, prefix: string): [string, string][] {
  return [
    [`http://schemas.openxmlformats.org/${transitional}`, prefix],
    [`http://purl.oclc.org/ooxml/${strict}`, prefix],
  ];
}

/** What prefixes mean inside one element. */
export interface Scope {
  /** The prefix of the standards for each in the document; '' is the default. */
  readonly prefixes: ReadonlyMap<string, string>;
  /** By the name in the document: names are few, and asked for at every tag. */
  readonly elements: Map<string, string>;
  /** By the name in the standards. */
  readonly attributes: Map<string, string>;
}

export const TOP_SCOPE: Scope = scopeOf(new Map([['xml', 'xml']]));

const UNKNOWN = '';

/** @returns `outer` itself where the element declares nothing. */
export function scopeIn(outer: Scope, attributes: Readonly<Record<string, string>>): Scope {
  let prefixes: Map<string, string> | undefined;
  for (const name in attributes) {
    if (!name.startsWith('xmlns')) continue;
    const prefix = name === 'xmlns' ? '' : name.startsWith('xmlns:') ? name.slice(6) : undefined;
    if (prefix === undefined) continue;
    prefixes ??= new Map(outer.prefixes);
    prefixes.set(prefix, PREFIXES.get(attributes[name]!) ?? UNKNOWN);
  }
  return prefixes ? scopeOf(prefixes) : outer;
}

function scopeOf(prefixes: ReadonlyMap<string, string>): Scope {
  return { prefixes, elements: new Map(), attributes: new Map() };
}

/** @param raw the name of an element as the document has it. */
export function nameIn({ prefixes, elements }: Scope, raw: string): string {
  const known = elements.get(raw);
  if (known !== undefined) return known;
  const colon = raw.indexOf(':');
  const prefix = prefixes.get(colon < 0 ? '' : raw.slice(0, colon));
  const local = raw.slice(colon + 1);
  const name = prefix === undefined && colon < 0 ? local : `${prefix ?? UNKNOWN}:${local}`;
  if (elements.size < MAX_NAMES) elements.set(raw, name);
  return name;
}

/** A document that has more names than this is none of an office: they are not kept for it. */
const MAX_NAMES = 10_000;

/** @returns the name in the document of an attribute in the standards. */
export function attributeIn({ prefixes, attributes }: Scope, name: string): string {
  const known = attributes.get(name);
  if (known !== undefined) return known;
  const colon = name.indexOf(':');
  const raw = colon < 0 ? name : `${prefixOf(prefixes, name.slice(0, colon))}${name.slice(colon)}`;
  attributes.set(name, raw);
  return raw;
}

/** An attribute is in no default namespace. */
function prefixOf(prefixes: ReadonlyMap<string, string>, standard: string): string {
  for (const [prefix, meant] of prefixes) if (meant === standard && prefix !== '') return prefix;
  return '';
}
