import { contentTypes, coreProperties, relationships, XML } from '../ooxml.ts';
import { zipOfParts } from '../zip-writer.ts';

const SHEETS = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

export const NAMESPACE = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONSHIPS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export interface Sheet {
  readonly name: string;
  /** The rows, as XML; undefined for a sheet that is a chart. */
  readonly rows?: string;
  readonly hidden?: boolean;
  /** The parts of its comments, as XML. */
  readonly comments?: string;
  readonly threads?: string;
  /** The part whole, in place of `rows`. */
  readonly part?: string;
}

export interface XlsxParts {
  readonly sheets: readonly Sheet[];
  /** Each the content of s:si. */
  readonly strings?: readonly string[];
  /** Format codes; style n has the nth, from 1. */
  readonly formats?: readonly string[];
  /** Ids of formats that every workbook has; styles after those of `formats`. */
  readonly builtIn?: readonly number[];
  readonly title?: string;
  readonly mainType?: string;
  readonly from1904?: boolean;
}

export function xlsxOf({ sheets, strings, title = '', mainType, from1904, ...styles }: XlsxParts): Buffer {
  const names = sheets.map(
    ({ name, hidden }, index) =>
      `<sheet name="${name}" sheetId="${index + 1}"${hidden ? ' state="hidden"' : ''} r:id="rId${index + 1}"/>`,
  );
  const parts: Record<string, string> = {
    '[Content_Types].xml': contentTypes({
      'xl/workbook.xml': mainType ?? `${SHEETS}.sheet.main+xml`,
      'xl/sharedStrings.xml': `${SHEETS}.sharedStrings+xml`,
    }),
    '_rels/.rels': relationships('officeDocument xl/workbook.xml', 'core-properties docProps/core.xml'),
    'docProps/core.xml': coreProperties(title),
    'xl/workbook.xml': `${XML}<workbook xmlns="${NAMESPACE}" xmlns:r="${RELATIONSHIPS}"><workbookPr${from1904 ? ' date1904="1"' : ''}/><sheets>${names.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationships(
      ...sheets.map(({ rows, part }, index) =>
        rows === undefined && part === undefined
          ? `chartsheet chartsheets/sheet${index + 1}.xml`
          : `worksheet worksheets/sheet${index + 1}.xml`,
      ),
      'sharedStrings sharedStrings.xml',
      'styles styles.xml',
    ),
    'xl/styles.xml': stylesOf(styles),
  };
  if (strings)
    parts['xl/sharedStrings.xml'] =
      `${XML}<sst xmlns="${NAMESPACE}">${strings.map((each) => `<si>${each}</si>`).join('')}</sst>`;
  for (const [index, sheet] of sheets.entries()) addSheet(parts, index + 1, sheet);
  return zipOfParts(parts);
}

function addSheet(parts: Record<string, string>, number: number, { rows, comments, threads, part }: Sheet): void {
  parts[`xl/worksheets/sheet${number}.xml`] =
    part ??
    `${XML}<worksheet xmlns="${NAMESPACE}"><dimension ref="A1:Z100"/><cols><col min="1" max="1"/></cols><sheetData>${rows}</sheetData><pageMargins left="0.7"/><headerFooter><oddHeader>&amp;CHeader</oddHeader></headerFooter></worksheet>`;
  parts[`xl/worksheets/_rels/sheet${number}.xml.rels`] = relationships(
    ...(comments === undefined ? [] : [`comments ../comments${number}.xml`]),
    ...(threads === undefined ? [] : [`threadedComment ../threadedComments/threadedComment${number}.xml`]),
  );
  if (comments !== undefined) parts[`xl/comments${number}.xml`] = comments;
  if (threads !== undefined) parts[`xl/threadedComments/threadedComment${number}.xml`] = threads;
}

function stylesOf({ formats = [], builtIn = [] }: Pick<XlsxParts, 'formats' | 'builtIn'>): string {
  const codes = formats.map((code, index) => `<numFmt numFmtId="${164 + index}" formatCode="${code}"/>`);
  const ids = [0, ...formats.map((_, index) => 164 + index), ...builtIn];
  const styles = ids.map((id) => `<xf numFmtId="${id}" fontId="0" xfId="0" applyNumberFormat="1"/>`);
  return `${XML}<styleSheet xmlns="${NAMESPACE}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${styles.join('')}</cellXfs></styleSheet>`;
}

/** A row of cells, each `reference type style value`. */
export function row(number: number, ...cells: readonly string[]): string {
  const all = cells.map((each) => {
    const [reference, type, style, ...value] = each.split(' ');
    return `<c r="${reference}" s="${style}"${type === 'n' ? '' : ` t="${type}"`}><v>${value.join(' ')}</v></c>`;
  });
  return `<row r="${number}" spans="1:9">${all.join('')}</row>`;
}
