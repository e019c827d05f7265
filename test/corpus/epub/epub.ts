import { type ZipFile, zipOf } from '../zip-writer.ts';

export interface EpubParts {
  /** Pages by the name of their file, in the order of reading; a page that begins with `<?xml` or `<!` is taken as it is. */
  readonly pages: Readonly<Record<string, string>>;
  readonly metadata?: string;
  /** Inside the manifest and the order of reading, beside the pages. */
  readonly manifest?: string;
  readonly spine?: string;
  readonly opf?: string;
  readonly more?: readonly ZipFile[];
  readonly mimetype?: string | undefined;
}

export function epubOf(parts: EpubParts): Buffer {
  const { pages, metadata = '', manifest = '', spine = '', more = [] } = parts;
  const mimetype = 'mimetype' in parts ? parts.mimetype : 'application/epub+zip';
  const names = Object.keys(pages);
  const items = names.map(
    (name, index) =>
      `<item id="p${index}" href="text/${encodeURIComponent(name)}" media-type="application/xhtml+xml"/>`,
  );
  const refs = names.map((_, index) => `<itemref idref="p${index}"/>`);
  const opf = `<?xml version="1.0" encoding="UTF-8"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">${metadata}<dc:language>de</dc:language></metadata><manifest><item id="css" href="style.css" media-type="text/css"/>${items.join('')}${manifest}</manifest><spine toc="ncx">${refs.join('')}${spine}</spine></package>`;
  return zipOf([
    ...(mimetype === undefined ? [] : [{ name: 'mimetype', content: mimetype, stored: true }]),
    {
      name: 'META-INF/container.xml',
      content:
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    },
    { name: 'OEBPS/content.opf', content: parts.opf ?? opf },
    { name: 'OEBPS/style.css', content: 'p {}' },
    ...Object.entries(pages).map(([name, page]) => ({
      name: `OEBPS/text/${name}`,
      content: /^<[?!]/.test(page) ? page : xhtml(page),
    })),
    ...more,
  ]);
}

function xhtml(body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x.js"/><link href="../style.css" rel="stylesheet"/></head><body>${body}</body></html>`;
}
