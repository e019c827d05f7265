import { XML } from '../ooxml.ts';
import { type ZipFile, zipOf } from '../zip-writer.ts';

const NAMESPACES = [
  ...['office', 'text', 'table', 'style', 'presentation', 'meta'].map(
    (name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`,
  ),
  'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"',
  'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"',
  'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"',
  'xmlns:xlink="http://www.w3.org/1999/xlink"',
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
].join(' ');

export type OdfKind = 'text' | 'spreadsheet' | 'presentation' | 'graphics';

export const odfType = (kind: string) => `application/vnd.oasis.opendocument.${kind}`;

export interface OdfParts {
  readonly kind: OdfKind;
  /** What is inside the body of its kind. */
  readonly body: string;
  readonly styles?: string;
  readonly title?: string;
  /** Of the first file; default: the one of its kind, undefined for none. */
  readonly mimetype?: string | undefined;
  /** Inside the manifest. */
  readonly manifest?: string;
  readonly more?: readonly ZipFile[];
}

export function odfOf(parts: OdfParts): Buffer {
  const { kind, body, styles = '', title, manifest = '', more = [] } = parts;
  const mimetype = 'mimetype' in parts ? parts.mimetype : odfType(kind);
  const element = kind === 'graphics' ? 'drawing' : kind;
  const root = (name: string, content: string) =>
    `${XML}<office:${name} ${NAMESPACES} office:version="1.3">${content}</office:${name}>`;
  return zipOf([
    ...(mimetype === undefined ? [] : [{ name: 'mimetype', content: mimetype, stored: true }]),
    {
      name: 'content.xml',
      content: root(
        'document-content',
        `<office:automatic-styles>${styles}</office:automatic-styles><office:body><office:${element}>${body}</office:${element}></office:body>`,
      ),
    },
    {
      name: 'styles.xml',
      content: root(
        'document-styles',
        '<office:master-styles><style:master-page><style:header><text:p>On every page</text:p></style:header></style:master-page></office:master-styles>',
      ),
    },
    ...(title === undefined
      ? []
      : [
          {
            name: 'meta.xml',
            content: root(
              'document-meta',
              `<office:meta><meta:generator>x</meta:generator><dc:title>${title}</dc:title></office:meta>`,
            ),
          },
        ]),
    {
      name: 'META-INF/manifest.xml',
      content: `${XML}<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd"><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:media-type="${odfType(kind)}" manifest:full-path="/"/>${manifest}</manifest:manifest>`,
    },
    { name: 'Thumbnails/thumbnail.png', content: Buffer.from('89504e47', 'hex') },
    ...more,
  ]);
}
