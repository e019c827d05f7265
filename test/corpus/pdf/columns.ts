import type { CorpusDocument } from '../document.ts';
import { type Placed, pdfOfPlaced } from './pdf.ts';
import { printed } from './printed.ts';

const PROSE =
  'The harbour lies where the river meets the sea, and for two hundred years every ship that carried salt or timber had to pass below the tower. Nobody remembers who built it. The oldest map shows only a wall, with a gate that was closed at night, and the letters of a name that has since been worn away by rain.';

const OTHER =
  'In winter the light was kept by one family, whose house stood on the rocks behind it. They were paid in oil and flour, and counted the ships in a book that is still there. When the railway came, the number of ships fell from year to year until in the end there was none that was worth a line in the book.';

/** The lines of a text that is set in a column of this many letters. */
export function linesOf(text: string, letters: number): string[] {
  return text.split(' ').reduce<string[]>(
    (lines, word) => {
      const last = lines.at(-1)!;
      if (last === '' || last.length + word.length < letters) lines[lines.length - 1] = `${last} ${word}`.trim();
      else lines.push(word);
      return lines;
    },
    [''],
  );
}

/** Every row is drawn across the page before the next one, as word processors do. */
export function pdfOfRows(
  rows: readonly (readonly string[])[],
  columns: readonly number[],
  drops: number[] = [],
): Promise<Buffer> {
  return printed((pdf) => {
    pdf.addPage({ size: 'A4' }).fontSize(10);
    let y = 80;
    for (const [index, cells] of rows.entries()) {
      for (const [column, cell] of cells.entries()) {
        if (cell !== '') pdf.text(cell, columns[column]!, y, { lineBreak: false });
      }
      y += drops[index] ?? 12;
    }
  });
}

/** Columns beside each other, as rows; shorter ones are empty at their end. */
export function besideEachOther(...columns: readonly string[][]): string[][] {
  const rows = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: rows }, (_, row) => columns.map((column) => column[row] ?? ''));
}

const LEFT = linesOf(PROSE, 46);
const RIGHT = linesOf(OTHER, 46);
const THREE = [PROSE, OTHER, PROSE].map((text) => linesOf(text, 30));

const TABLE = [
  ['Solution of common salt, 0.9 per cent', 'Cleaning of wounds and of lenses'],
  ['Distilled water, in bottles of a litre', 'Thinning'],
  ['alcohol, pure', 'Not to be kept in the same cupboard as acids'],
  ['Acetic acid', 'removing lime from pipes and kettles'],
  ['Soap', 'Hands, and the floor of the laboratory'],
  ['Copper sulphate, in crystals that are dry', 'Tests only'],
];

const ADDRESSES = [
  ['Sold to', 'Shipped to'],
  ['The Society for the Old Lighthouse', 'c/o the keeper of the tower'],
  ['Harbour Road 12, second floor', 'Cliff Path, by the railway bridge'],
  ['20457 Hamburg', '24376 Kappeln'],
  ['Germany', 'Germany'],
  ['orders@example.com, at all times', 'keeper@example.com, in the morning'],
];

const CHINESE = [
  '港口位于河流入海之处，两百年来，每一艘运送盐或木材的船只',
  '都必须从塔下经过。没有人记得是谁建造了它。最古老的地图上',
  '只有一堵墙，墙上有一扇夜间关闭的门，还有一个名字，那些字',
  '母早已被雨水冲刷得无法辨认。冬天，灯由一户人家看守，他们',
  '的房子就在塔后的岩石上。人们用油和面粉付给他们报酬，他们',
];

const CHINESE_TABLE = [
  ['北京古老灯塔爱好者协会有限责任公司', '北京市海淀区中关村大街一百二十号二层'],
  ['上海港口仓储有限公司', '上海市浦东新区滨江路八号'],
  ['天津盐业运输股份有限公司第三分公司', '天津市滨海新区'],
  ['大连木材进出口公司', '辽宁省大连市中山区人民路四十五号院内'],
  ['青岛海洋博物馆', '山东省青岛市市南区莱阳路'],
];

/** The letters of this font are half as wide as they are high. */
const placedRows = (rows: readonly (readonly string[])[]): Placed[] =>
  rows.flatMap((cells, row) =>
    cells.map((text, column) => ({ text, x: 40 + 270 * column, y: 780 - 14 * row, size: 12 })),
  );

const CELLS = [
  [linesOf(PROSE, 46).slice(0, 5), linesOf(OTHER, 46).slice(0, 4)],
  [linesOf(OTHER, 46).slice(1, 5), linesOf(PROSE, 46).slice(1, 6)],
] as const;

const common = { filename: 'columns.pdf', mediaType: 'application/pdf', pages: 1 };

export const COLUMN_DOCUMENTS: readonly CorpusDocument[] = [
  {
    ...common,
    about: 'two columns of prose that are drawn line by line, below a title, above a line across',
    bytes: await pdfOfRows(
      [
        ['The light of the harbour and the family that kept it through the winters'],
        ...besideEachOther(LEFT, RIGHT),
        ['First printed in the yearbook of the town, where it was read by almost nobody'],
      ],
      [60, 310],
      [30],
    ),
    text: [
      'The light of the harbour and the family that kept it through the winters',
      '',
      ...LEFT,
      ...RIGHT,
      'First printed in the yearbook of the town, where it was read by almost nobody',
      '',
    ].join('\n'),
  },
  {
    ...common,
    about: 'three columns of prose that are drawn line by line',
    bytes: await pdfOfRows(besideEachOther(...THREE), [40, 215, 390]),
    text: `${THREE.flat().join('\n')}\n`,
  },
  {
    ...common,
    about: 'a table with long cells of words, which is no prose',
    bytes: await pdfOfRows(TABLE, [60, 310]),
    text: `${TABLE.map((cells) => cells.join('\t')).join('\n')}\n`,
  },
  {
    ...common,
    about: 'two columns of Chinese prose that are drawn line by line',
    bytes: pdfOfPlaced([placedRows(besideEachOther(CHINESE, CHINESE.toReversed()))]),
    text: `${[...CHINESE, ...CHINESE.toReversed()].join('\n')}\n`,
  },
  {
    ...common,
    about: 'a table of Chinese names and addresses',
    bytes: pdfOfPlaced([placedRows(CHINESE_TABLE)]),
    text: `${CHINESE_TABLE.map((cells) => cells.join('\t')).join('\n')}\n`,
  },
  {
    ...common,
    about: 'two addresses beside each other, which are no prose',
    bytes: await pdfOfRows(ADDRESSES, [60, 310]),
    text: `${ADDRESSES.map((cells) => cells.join('\t')).join('\n')}\n`,
  },
  {
    ...common,
    about: 'a table of two rows with prose in its cells: each cell is read to its end, and each row before the next',
    bytes: await pdfOfRows(
      CELLS.flatMap(([left, right]) => besideEachOther(left, right)),
      [60, 310],
      [12, 12, 12, 12, 20],
    ),
    text: `${CELLS.map((cells) => cells.flat().join('\n')).join('\n\n')}\n`,
  },
];
