import { contentTypes, coreProperties, relationships, XML } from '../ooxml.ts';
import { zipOfParts } from '../zip-writer.ts';

const SLIDES = 'application/vnd.openxmlformats-officedocument.presentationml';
const NAMESPACES = [
  'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
  'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"',
  'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"',
].join(' ');

export interface Slide {
  readonly shapes: string;
  /** Shapes of the page of notes. */
  readonly notes?: string;
  readonly comments?: string;
  readonly diagram?: string;
  readonly hidden?: boolean;
}

export interface PptxParts {
  readonly slides: readonly Slide[];
  readonly title?: string;
  readonly mainType?: string;
  /** The order that they are shown in, by number from 1; default: as given. */
  readonly order?: readonly number[];
  readonly more?: Readonly<Record<string, string | Uint8Array>>;
}

export function pptxOf({ slides, title = '', mainType, order, more }: PptxParts): Buffer {
  const shown = order ?? slides.map((_, index) => index + 1);
  const ids = shown.map((number) => `<p:sldId id="${255 + number}" r:id="rId${number}"/>`);
  const parts: Record<string, string | Uint8Array> = {
    '[Content_Types].xml': contentTypes({
      'ppt/presentation.xml': mainType ?? `${SLIDES}.presentation.main+xml`,
      'ppt/slides/slide1.xml': `${SLIDES}.slide+xml`,
    }),
    '_rels/.rels': relationships('officeDocument ppt/presentation.xml', 'core-properties docProps/core.xml'),
    'docProps/core.xml': coreProperties(title),
    'ppt/presentation.xml': `${XML}<p:presentation ${NAMESPACES}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId99"/></p:sldMasterIdLst><p:sldIdLst>${ids.join('')}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relationships(...slides.map((_, index) => `slide slides/slide${index + 1}.xml`)),
    'ppt/slideMasters/slideMaster1.xml': slideOf('sldMaster', { shapes: shape('title', 'Click to edit') }),
  };
  for (const [index, slide] of slides.entries()) addSlide(parts, index + 1, slide);
  return zipOfParts({ ...parts, ...more });
}

function addSlide(parts: Record<string, string | Uint8Array>, number: number, slide: Slide): void {
  parts[`ppt/slides/slide${number}.xml`] = slideOf('sld', slide);
  parts[`ppt/slides/_rels/slide${number}.xml.rels`] = relationships(
    'slideLayout ../slideLayouts/slideLayout1.xml',
    `notesSlide ../notesSlides/notesSlide${number}.xml`,
    `comments ../comments/comment${number}.xml`,
    `diagramData ../diagrams/data${number}.xml`,
  );
  if (slide.notes !== undefined)
    parts[`ppt/notesSlides/notesSlide${number}.xml`] = slideOf('notes', { shapes: slide.notes });
  if (slide.comments !== undefined) parts[`ppt/comments/comment${number}.xml`] = slide.comments;
  if (slide.diagram !== undefined) parts[`ppt/diagrams/data${number}.xml`] = slide.diagram;
}

function slideOf(name: string, { shapes, hidden }: Slide): string {
  return `${XML}<p:${name} ${NAMESPACES}${hidden ? ' show="0"' : ''}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>${shapes}</p:spTree></p:cSld></p:${name}>`;
}

/** @param place what it takes the place of in the layout; '' for any content, undefined for a text box. */
export function shape(place: string | undefined, ...paragraphs: readonly string[]): string {
  const type = place === '' ? '<p:ph idx="1"/>' : `<p:ph type="${place}"/>`;
  const body = paragraphs.map((each) =>
    each.startsWith('<a:p>')
      ? each
      : `<a:p><a:r><a:rPr lang="de-DE" dirty="0"/><a:t>${each}</a:t></a:r><a:endParaRPr lang="de-DE"/></a:p>`,
  );
  return `<p:sp><p:nvSpPr><p:cNvPr id="2" name="Titel 1" descr="alternative"/><p:cNvSpPr/><p:nvPr>${place === undefined ? '' : type}</p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>${body.join('')}</p:txBody></p:sp>`;
}

/** @param properties the attributes and children of a:pPr. */
export function bullet(text: string, attributes: string, properties = ''): string {
  return `<a:p><a:pPr ${attributes}>${properties}</a:pPr><a:r><a:t>${text}</a:t></a:r></a:p>`;
}

/** @param rows each its cells; a cell that begins with `<a:tc` is taken as it is. */
export function slideTable(...rows: readonly (readonly string[])[]): string {
  const cell = (text: string) =>
    text.startsWith('<a:tc')
      ? text
      : `<a:tc><a:txBody><a:bodyPr/><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody><a:tcPr/></a:tc>`;
  return `<p:graphicFrame><p:nvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table"><a:tbl><a:tblPr/><a:tblGrid/>${rows.map((row) => `<a:tr h="1">${row.map(cell).join('')}</a:tr>`).join('')}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>`;
}
