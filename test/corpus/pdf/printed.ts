import PDFDocument from 'pdfkit';

type Options = ConstructorParameters<typeof PDFDocument>[0];

/** A PDF as a library writes it, the same each time. */
export async function printed(
  draw: (pdf: InstanceType<typeof PDFDocument>) => unknown,
  title?: string,
  options: Options = {},
): Promise<Buffer> {
  const pdf = new PDFDocument({
    autoFirstPage: false,
    info: { CreationDate: new Date(0), ...(title !== undefined && { Title: title }) },
    ...options,
  });
  const chunks: Buffer[] = [];
  const ended = new Promise((resolve) => pdf.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', resolve));
  draw(pdf);
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}
