import { contentTypes, coreProperties, relationships, XML } from '../ooxml.ts';
import { type ZipOptions, zipOfParts } from '../zip-writer.ts';

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const NAMESPACES = [
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"',
  'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"',
  'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"',
  'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
  'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"',
  'xmlns:v="urn:schemas-microsoft-com:vml"',
].join(' ');

export interface DocxParts {
  readonly body: string;
  readonly styles?: string;
  readonly footnotes?: string;
  readonly endnotes?: string;
  readonly comments?: string;
  readonly title?: string;
  /** The main part whole, in place of `body`. */
  readonly document?: string | Uint8Array;
  readonly mainType?: string;
  readonly more?: Readonly<Record<string, string | Uint8Array>>;
  readonly zip?: ZipOptions;
}

/** The parts as Word lays them out. */
export function docxParts(parts: DocxParts): Record<string, string | Uint8Array> {
  const { body, styles = STYLES, footnotes, endnotes, comments, title = '' } = parts;
  const root = (name: string, content: string) => `${XML}<w:${name} ${NAMESPACES}>${content}</w:${name}>`;
  return {
    '[Content_Types].xml': contentTypes({
      'word/document.xml': parts.mainType ?? `${WORD}.document.main+xml`,
      'word/styles.xml': `${WORD}.styles+xml`,
      'word/footnotes.xml': `${WORD}.footnotes+xml`,
      'docProps/core.xml': 'application/vnd.openxmlformats-package.core-properties+xml',
    }),
    '_rels/.rels': relationships('officeDocument word/document.xml', 'core-properties docProps/core.xml'),
    'docProps/core.xml': coreProperties(title),
    'word/_rels/document.xml.rels': relationships(
      'styles styles.xml',
      'footnotes footnotes.xml',
      'endnotes /word/endnotes.xml',
      'comments ./comments.xml',
      'hyperlink https://example.com/ External',
      'image media/image1.png',
      'header header1.xml',
    ),
    'word/document.xml': parts.document ?? root('document', `<w:body>${body}${LAST_SECTION}</w:body>`),
    'word/styles.xml': root('styles', styles),
    ...(footnotes !== undefined && { 'word/footnotes.xml': root('footnotes', `${SEPARATORS}${footnotes}`) }),
    ...(endnotes !== undefined && { 'word/endnotes.xml': root('endnotes', endnotes) }),
    ...(comments !== undefined && { 'word/comments.xml': root('comments', comments) }),
    'word/header1.xml': root('hdr', paragraph('On every page')),
    'word/media/image1.png': Buffer.from('89504e470d0a1a0a', 'hex'),
    ...parts.more,
  };
}

export function docxOf(parts: DocxParts): Buffer {
  return zipOfParts(docxParts(parts), parts.zip);
}

/** @param properties inside w:pPr. */
export function paragraph(content: string, properties = ''): string {
  const runs = content.startsWith('<') ? content : run(content);
  return `<w:p w:rsidR="00AB12CD" w:rsidRDefault="00AB12CD">${properties && `<w:pPr>${properties}</w:pPr>`}${runs}</w:p>`;
}

/** @param properties inside w:rPr. */
export function run(text: string, properties = ''): string {
  return `<w:r>${properties && `<w:rPr>${properties}</w:rPr>`}<w:t xml:space="preserve">${text}</w:t></w:r>`;
}

export function styled(style: string, content: string): string {
  return paragraph(content, `<w:pStyle w:val="${style}"/>`);
}

export function item(depth: number, content: string): string {
  const list = `<w:numPr><w:ilvl w:val="${depth}"/><w:numId w:val="1"/></w:numPr>`;
  return paragraph(content, `<w:pStyle w:val="Listenabsatz"/>${list}`);
}

/** @param rows each its cells; a cell that begins with `<w:tcPr>` or `<w:p` is taken as it is. */
export function table(...rows: readonly (readonly string[])[]): string {
  const cellOf = (cell: string) =>
    `<w:tc>${cell.startsWith('<') ? cell : `<w:tcPr><w:tcW w:w="2000" w:type="dxa"/></w:tcPr>${paragraph(cell)}`}</w:tc>`;
  const rowOf = (cells: readonly string[]) => `<w:tr>${cells.map(cellOf).join('')}</w:tr>`;
  return `<w:tbl><w:tblPr><w:tblStyle w:val="Tabellenraster"/></w:tblPr><w:tblGrid><w:gridCol w:w="2000"/></w:tblGrid>${rows.map(rowOf).join('')}</w:tbl>`;
}

const LAST_SECTION =
  '<w:sectPr><w:headerReference w:type="default" r:id="rId7"/><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>';

const SEPARATORS =
  '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:t>no note</w:t></w:r></w:p></w:footnote>';

/** As a German Word names its styles: the ids differ by language, the names do not. */
const STYLES = [
  '<w:docDefaults><w:rPrDefault/></w:docDefaults><w:latentStyles><w:lsdException w:name="heading 1"/></w:latentStyles>',
  '<w:style w:type="paragraph" w:default="1" w:styleId="Standard"><w:name w:val="Normal"/></w:style>',
  '<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/><w:basedOn w:val="Standard"/></w:style>',
  '<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/><w:basedOn w:val="Standard"/><w:pPr><w:keepNext/><w:outlineLvl w:val="0"/></w:pPr></w:style>',
  '<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/><w:basedOn w:val="berschrift1"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>',
  '<w:style w:type="paragraph" w:customStyle="1" w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="berschrift2"/></w:style>',
  '<w:style w:type="paragraph" w:styleId="Listenabsatz"><w:name w:val="List Paragraph"/><w:basedOn w:val="Standard"/></w:style>',
  '<w:style w:type="paragraph" w:styleId="Aufzhlung"><w:name w:val="List Bullet"/><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>',
  '<w:style w:type="character" w:styleId="Funotenzeichen"><w:name w:val="footnote reference"/></w:style>',
].join('');
