import type { UnreadableDocument } from '../document.ts';
import { docxOf, paragraph } from './docx.ts';

export const DOCX_FAILURES: readonly UnreadableDocument[] = [
  {
    about: 'a document of Word without a word',
    filename: 'empty.docx',
    bytes: docxOf({ title: 'Only a title', body: `${paragraph(' ')}<w:p/>` }),
    code: 'document-empty',
  },
  {
    about: 'a document of which all was deleted in a tracked change',
    filename: 'deleted.docx',
    bytes: docxOf({ body: paragraph('<w:del w:id="1"><w:r><w:delText>gone</w:delText></w:r></w:del>') }),
    code: 'document-empty',
  },
  {
    about: 'a package of Office of a kind that is not read',
    filename: 'drawing.vsdx',
    bytes: docxOf({ body: paragraph('x'), mainType: 'application/vnd.ms-visio.drawing.main+xml' }),
    code: 'unsupported-media-type',
    says: 'application/zip',
  },
];
