import { SourceFailure } from '../../domain/errors.ts';
import { createOdfBody } from './odf-body.ts';
import { createOdfSheets } from './odf-sheets.ts';
import { readTitle } from './title.ts';
import { readXml, type XmlHandler } from './xml-reader.ts';
import type { Zip } from './zip.ts';
import type { ZipReading, ZipText } from './zip-document.ts';

/** Texts, spreadsheets, presentations and drawings: all have their content in one part, and differ in its body. */
export async function readOdf({ zip, main, maxPages, write }: ZipReading): Promise<ZipText> {
  await refuseEncrypted(zip);
  const title = zip.has('meta.xml')
    ? await readTitle(zip.read('meta.xml'), { documentType: 'passed-over' })
    : undefined;
  const sheets = createOdfSheets(write);
  const body = createOdfBody(write, maxPages);
  await readXml(zip.read(main), eitherOf(sheets.handler, body.handler));
  sheets.end();
  const pages = body.end();
  return { ...(title !== undefined && { title }), ...(pages !== undefined && { pages }) };
}

/** What comes before the body is for both; the body is for one of them. */
function eitherOf(sheets: XmlHandler, body: XmlHandler): XmlHandler {
  let chosen = body;
  return {
    open(name, attribute) {
      if (name === 'office:spreadsheet') chosen = sheets;
      return chosen.open(name, attribute);
    },
    close: (name) => chosen.close?.(name),
    text: (part) => chosen.text?.(part),
  };
}

/** A password hides the parts that the manifest says so of, or all of them in one that lies inside. */
const HIDDEN_PARTS = new Set(['content.xml', 'encrypted-package']);

async function refuseEncrypted(zip: Zip): Promise<void> {
  if (!zip.has('META-INF/manifest.xml')) return;
  let part: string | undefined;
  await readXml(
    zip.read('META-INF/manifest.xml'),
    {
      open(name, attribute) {
        if (name === 'manifest:file-entry') part = attribute('manifest:full-path');
        if (name === 'manifest:encryption-data' && HIDDEN_PARTS.has(part ?? '')) {
          throw new SourceFailure('document-encrypted', 'The document needs a password: remove it and send it again.');
        }
        return undefined;
      },
    },
    // OpenOffice 2 wrote one.
    { documentType: 'passed-over' },
  );
}
