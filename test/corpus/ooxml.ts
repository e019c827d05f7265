/** What all packages of Office have in common. */
export const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006';

/** @param types content types by part name. */
export function contentTypes(types: Readonly<Record<string, string>>): string {
  const overrides = Object.entries(types).map(
    ([part, type]) => `<Override PartName="/${part}" ContentType="${type}"/>`,
  );
  return `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>${overrides.join('')}</Types>`;
}

/** @param targets each `type target`, with `External` after it where it is. Ids are rId1, rId2 … */
export function relationships(...targets: readonly string[]): string {
  const all = targets.map((each, index) => {
    const [type, target, mode] = each.split(' ');
    const namespace = type === 'core-properties' ? `${PACKAGE}/relationships/metadata` : `${OFFICE}/relationships`;
    return `<Relationship Id="rId${index + 1}" Type="${namespace}/${type}" Target="${target}"${mode ? ` TargetMode="${mode}"` : ''}/>`;
  });
  return `${XML}<Relationships xmlns="${PACKAGE}/relationships">${all.join('')}</Relationships>`;
}

export function coreProperties(title: string): string {
  return `${XML}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${title}</dc:title><dc:creator>Ada Lovelace</dc:creator><cp:lastModifiedBy>Ada Lovelace</cp:lastModifiedBy><cp:revision>2</cp:revision><dcterms:created xsi:type="dcterms:W3CDTF">2026-01-05T10:00:00Z</dcterms:created></cp:coreProperties>`;
}
