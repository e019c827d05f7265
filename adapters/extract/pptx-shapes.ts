import { type Block, type BlockText, heading, listItem } from './block-text.ts';
import { createOfficeMath } from './office-math.ts';
import type { Attribute, XmlHandler } from './xml-reader.ts';

export interface PptxShapesOptions {
  /** Only the shapes that take the place of this are read. Default: all. */
  readonly only?: string;
  /** Before the first paragraph. */
  readonly prefix?: string;
  /** A diagram stands here, whose text is in a part of its own. */
  onDiagram?(id: string): void;
}

/** These are the same on every slide. */
const DECORATION = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg']);

const TITLES = new Set(['title', 'ctrTitle']);

/** A place for any content has bullets by itself, one for text only where it says so or is indented. */
const BULLETED = new Set(['obj']);

interface Paragraph {
  depth: number;
  bullet?: boolean;
}

/** Reads the text of the shapes and tables on a slide, on its page of notes or in a diagram. */
export function createPptxShapes(block: BlockText, { only, prefix, onDiagram }: PptxShapesOptions): XmlHandler {
  /** What the shape takes the place of; undefined for one of its own. */
  let place: string | undefined;
  let paragraph: Paragraph = { depth: 0 };
  let inText = false;
  let first = true;

  function blockOf({ depth, bullet }: Paragraph): Block {
    if (prefix !== undefined) return { prefix: first ? prefix : '', list: 'notes' };
    if (place !== undefined && TITLES.has(place)) return heading(1);
    const listed = bullet ?? (place !== undefined && (BULLETED.has(place) || depth > 0));
    return listed ? listItem(depth) : {};
  }

  function openBody(): 'skip' | undefined {
    const wanted = only === undefined ? !DECORATION.has(place ?? '') : place === only;
    return wanted ? undefined : 'skip';
  }

  function openParagraph(): void {
    paragraph = { depth: 0 };
    block.begin(blockOf(paragraph));
  }

  const math = createOfficeMath(put);

  function write(text: string): void {
    if (!math.take(text)) put(text);
  }

  function put(text: string): void {
    if (text.trim() !== '') first = false;
    block.write(text);
  }

  const opens: ReadonlyMap<string, (attribute: Attribute) => unknown> = new Map([
    ['p:sp', () => setPlace(undefined)],
    ['p:graphicFrame', () => setPlace(undefined)],
    ['p:ph', (attribute: Attribute) => setPlace(attribute('type') ?? 'obj')],
    ['p:txBody', openBody],
    ['a:p', openParagraph],
    ['a:pPr', (attribute: Attribute) => setDepth(Number(attribute('lvl') ?? 0))],
    ['a:buNone', () => setBullet(false)],
    ['a:buChar', () => setBullet(true)],
    ['a:buAutoNum', () => setBullet(true)],
    ['a:br', () => write(place !== undefined && TITLES.has(place) ? ' ' : '\n')],
    ['a:fld', (attribute: Attribute) => (attribute('type') === 'slidenum' ? 'skip' : undefined)],
    ['a:t', () => setInText(true)],
    ['m:t', () => setInText(true)],
    ['a:tbl', () => block.openTable()],
    ['a:tr', () => block.row()],
    // A merged cell is followed by those that it took the place of.
    ['a:tc', () => block.cell()],
    ['dgm:relIds', (attribute: Attribute) => onDiagram?.(attribute('r:dm') ?? '')],
    ['mc:Fallback', () => 'skip'],
  ]);

  const closes: ReadonlyMap<string, () => void> = new Map([
    ['a:pPr', () => block.begin(blockOf(paragraph))],
    ['a:t', () => setInText(false)],
    ['m:t', () => setInText(false)],
    ['a:tr', () => block.endRow()],
    ['a:tbl', () => block.closeTable()],
  ]);

  function setPlace(next: string | undefined): void {
    place = next;
  }

  function setDepth(depth: number): void {
    paragraph.depth = depth;
  }

  function setBullet(bullet: boolean): void {
    paragraph.bullet = bullet;
  }

  function setInText(next: boolean): void {
    inText = next;
  }

  return {
    open(name, attribute) {
      if (opens.get(name)?.(attribute) === 'skip') return 'skip';
      math.open(name, attribute);
      return undefined;
    },
    close(name) {
      closes.get(name)?.();
      math.close(name);
    },
    text(part) {
      if (inText) write(part.replace(/[\n\r]+/g, ' '));
    },
  };
}
