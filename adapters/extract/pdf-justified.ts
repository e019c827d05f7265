import type { PdfChunk, PdfLine } from './pdf-lines.ts';

/** In heights of a letter: the spaces of a line that is spread out are alike, as are the edges of what is in one column. */
const ALIKE = 0.25;

/** In heights of a letter: no line of a paragraph is further from the next. */
const NEXT_LINE = 2.5;

/** With one space only, nothing says that it is like the others. */
const MIN_CHUNKS = 3;

/**
 * The lines of a page with spaces where a line of few words was spread out to the width of its paragraph. The gaps of a
 * table may all be alike too, but then it has no line of prose right above or below that begins and ends where the row does.
 */
export function withoutSpreadWords(lines: readonly PdfLine[]): readonly PdfLine[] {
  return lines.map((line, index) => {
    if (!isSpread(line)) return line;
    const isInParagraph = [lines[index - 1], lines[index + 1]].some((other) => other && isBeside(line, other));
    return isInParagraph ? { ...line, chunks: line.chunks.map((chunk) => ({ ...chunk, isCell: false })) } : line;
  });
}

function isSpread({ chunks, height }: PdfLine): boolean {
  if (chunks.length < MIN_CHUNKS || !chunks.every(({ isCell }, index) => isCell || index === 0)) return false;
  const gaps = chunks.slice(1).map(({ start }, index) => start - chunks[index]!.end);
  return Math.max(...gaps) - Math.min(...gaps) <= ALIKE * height;
}

function isBeside(line: PdfLine, other: PdfLine): boolean {
  const near = (one: number, another: number) => Math.abs(one - another) <= ALIKE * line.height;
  return (
    other.chunks.every(({ isCell }) => !isCell) &&
    near(line.height, other.height) &&
    Math.abs(line.y - other.y) <= NEXT_LINE * line.height &&
    near(line.chunks[0]!.start, other.chunks[0]!.start) &&
    near(endOf(line.chunks), endOf(other.chunks))
  );
}

function endOf(chunks: readonly PdfChunk[]): number {
  return chunks.at(-1)!.end;
}
