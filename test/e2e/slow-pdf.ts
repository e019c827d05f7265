const LINES = 400;

/**
 * A PDF that takes long to read for its size: all of its pages show the same contents, which are read anew for each.
 * 8,000 of them are 0.7 MB and take longer than a document may.
 */
export function slowPdf(pages: number): File {
  const lines = Array.from({ length: LINES }, (_, line) => `1 0 0 1 50 ${800 - line} Tm (Line ${line} of the page) Tj`);
  const contents = `BT /F1 1 Tf\n${lines.join('\n')}\nET`;
  const kids = Array.from({ length: pages }, (_, page) => `${page + 5} 0 R`);
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages} /Kids [${kids.join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    `<< /Length ${contents.length} >>\nstream\n${contents}\nendstream`,
    ...kids.map(
      () =>
        '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 900] /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >> >>',
    ),
  ];
  const parts = ['%PDF-1.4\n'];
  const offsets: string[] = [];
  let length = parts[0]!.length;
  for (const [index, object] of objects.entries()) {
    const part = `${index + 1} 0 obj\n${object}\nendobj\n`;
    offsets.push(`${String(length).padStart(10, '0')} 00000 n \n`);
    parts.push(part);
    length += part.length;
  }
  const size = objects.length + 1;
  parts.push(`xref\n0 ${size}\n0000000000 65535 f \n`, ...offsets);
  parts.push(`trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`);
  return new File(parts, 'slow.pdf');
}
