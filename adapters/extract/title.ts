import { MAX_TITLE_CHARACTERS } from './limits.ts';
import { readXml, type XmlOptions } from './xml-reader.ts';

/** @returns the first dc:title in the XML: all of these formats keep their title there. */
export async function readTitle(bytes: AsyncIterable<Buffer>, options?: XmlOptions): Promise<string | undefined> {
  let title = '';
  let inTitle = false;
  let done = false;
  await readXml(
    bytes,
    {
      open(name) {
        inTitle = name === 'dc:title' && !done;
        return undefined;
      },
      close() {
        done ||= inTitle;
        inTitle = false;
      },
      text(part) {
        if (inTitle && title.length < MAX_TITLE_CHARACTERS) title += part;
      },
    },
    options,
  );
  return title.replace(/\s+/g, ' ').trim() || undefined;
}
