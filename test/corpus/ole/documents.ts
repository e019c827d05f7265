import type { UnreadableDocument } from '../document.ts';
import { oleOf } from './ole.ts';

export const OLE_DOCUMENTS: readonly UnreadableDocument[] = [
  {
    about: 'a document of Office with a password',
    filename: 'secret.docx',
    bytes: oleOf('DataSpaces', 'Version', 'DataSpaceMap', 'EncryptionInfo', 'EncryptedPackage'),
    code: 'document-encrypted',
    says: 'password',
  },
  {
    about: 'an old document of Word',
    filename: 'letter.doc',
    bytes: oleOf('1Table', 'CompObj', 'WordDocument', 'SummaryInformation'),
    code: 'unsupported-media-type',
    says: 'application/msword: save it as DOCX',
  },
  {
    about: 'an old workbook that is called a new one',
    filename: 'sheet.xlsx',
    bytes: oleOf('Workbook'),
    code: 'unsupported-media-type',
    says: 'application/vnd.ms-excel: save it as XLSX',
  },
  {
    about: 'an old presentation',
    filename: 'talk.ppt',
    bytes: oleOf('Current User', 'PowerPoint Document'),
    code: 'unsupported-media-type',
    says: 'application/vnd.ms-powerpoint: save it as PPTX',
  },
  {
    about: 'an OLE file of another kind',
    filename: 'setup.msi',
    bytes: oleOf('Tables'),
    code: 'unsupported-media-type',
    says: 'application/x-cfb',
  },
  {
    about: 'an OLE file that was cut off after its header',
    filename: 'letter.doc',
    bytes: oleOf('WordDocument').subarray(0, 512),
    code: 'unsupported-media-type',
  },
  {
    about: 'an OLE file whose directory is a circle',
    filename: 'letter.doc',
    bytes: inCircle(oleOf('Tables')),
    code: 'unsupported-media-type',
  },
];

function inCircle(ole: Buffer): Buffer {
  ole.writeUInt32LE(1, 512 + 4);
  return ole;
}
