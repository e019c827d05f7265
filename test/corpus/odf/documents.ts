import type { CorpusDocument, UnreadableDocument } from '../document.ts';
import { odfOf, odfType } from './odf.ts';

const p = (text: string, style = 'Standard') => `<text:p text:style-name="${style}">${text}</text:p>`;
const cell = (content: string) => `<table:table-cell office:value-type="string">${content}</table:table-cell>`;

const essay: CorpusDocument = {
  about: 'a text with headings, lists, a table with merged cells, notes, comments and tracked changes',
  filename: 'Aufsatz.odt',
  mediaType: odfType('text'),
  title: 'Über das Schreiben',
  bytes: odfOf({
    kind: 'text',
    title: 'Über  das\n Schreiben',
    styles: `<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/><style:style style:name="P2" style:family="paragraph" style:parent-style-name="Standard"><style:paragraph-properties fo:break-before="page"/></style:style><style:style style:name="P3" style:parent-style-name="Heading_20_3"/>`,
    body: [
      `<text:tracked-changes><text:changed-region text:id="c1"><text:deletion>${p('gelöscht')}</text:deletion></text:changed-region></text:tracked-changes><office:forms/><text:sequence-decls/>`,
      p('Über das Schreiben', 'P1'),
      '<text:h text:style-name="Heading_20_1" text:outline-level="1">Erstes <text:span>Kapitel</text:span></text:h>',
      p(
        'Es   war\n  einmal<text:note text:id="f1" text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body><text:p>Vor langer Zeit.</text:p><text:p>Sehr langer.</text:p></text:note-body></text:note> <text:span> ein </text:span> Mann<office:annotation><dc:creator>Grace</dc:creator><dc:date>2026-01-01T00:00:00</dc:date><text:p>Wer?</text:p></office:annotation>.',
      ),
      p('Tab<text:tab/>und<text:s text:c="3"/>Leerzeichen<text:line-break/>neue Zeile &lt;🙂&gt;'),
      p(''),
      '<text:list><text:list-header><text:p>Kopf</text:p></text:list-header><text:list-item><text:p>eins</text:p><text:p>geht weiter</text:p><text:list><text:list-item><text:p>innen<text:note text:note-class="endnote"><text:note-citation>i</text:note-citation><text:note-body><text:p>Am Ende.</text:p></text:note-body></text:note></text:p></text:list-item></text:list></text:list-item><text:list-item><text:p>zwei</text:p></text:list-item></text:list>',
      `<table:table table:name="T1"><table:table-column table:number-columns-repeated="3"/><table:table-header-rows><table:table-row><table:table-cell table:number-columns-spanned="2">${p('Beide')}</table:table-cell><table:covered-table-cell/>${cell(p('Drei'))}</table:table-row></table:table-header-rows><table:table-row><table:table-cell table:number-columns-repeated="2"/>${cell(p('c') + p('d'))}</table:table-row></table:table>`,
      p('Nächste Seite', 'P2'),
      p('Unterpunkt', 'P3'),
      p(
        'Vor dem Rahmen<draw:frame><draw:text-box><text:p>Im Rahmen</text:p></draw:text-box><svg:title>Bild</svg:title><svg:desc>eines Baums</svg:desc></draw:frame> und danach',
      ),
      p('<text:ruby><text:ruby-base>東京</text:ruby-base><text:ruby-text>とうきょう</text:ruby-text></text:ruby>へ'),
    ].join(''),
  }),
  text: `# Über das Schreiben

# Erstes Kapitel

Es war einmal[^1] ein Mann.

Tab\tund   Leerzeichen
neue Zeile <🙂>

  Kopf
- eins
  geht weiter
  - innen[^2]
- zwei

Beide\t\tDrei
\t\tc d
\fNächste Seite

### Unterpunkt

Vor dem Rahmen

Im Rahmen

und danach

東京へ

[^1]: Vor langer Zeit.
Sehr langer.
Comment (Grace): Wer?
[^2]: Am Ende.
`,
};

const sheets: CorpusDocument = {
  about: 'a spreadsheet with repeated cells and rows, all kinds of values and a comment',
  filename: 'Zahlen.ods',
  mediaType: odfType('spreadsheet'),
  bytes: odfOf({
    kind: 'spreadsheet',
    body: [
      '<table:content-validations><table:content-validation><table:error-message><text:p>Falsch</text:p></table:error-message></table:content-validation></table:content-validations>',
      '<table:table table:name="Größen"><table:shapes><draw:frame><draw:text-box><text:p>Form</text:p></draw:text-box></draw:frame></table:shapes>',
      `<table:table-row>${cell('<text:p>Name</text:p>')}<table:table-cell table:number-columns-repeated="2"/>${cell('<text:p>zwei</text:p><text:p>Zeilen</text:p>')}<table:table-cell table:number-columns-repeated="16380"/></table:table-row>`,
      '<table:table-row><table:table-cell office:value-type="float" office:value="0.30000000000000004"><text:p>0,3</text:p></table:table-cell><table:table-cell office:value-type="percentage" office:value="0.19"><text:p>19 %</text:p></table:table-cell><table:table-cell office:value-type="currency" office:currency="EUR" office:value="1234.5"><text:p>1.234,50 €</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2024-01-15"><text:p>15.01.24</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2024-01-15T13:45:00.000000001"><text:p>15.01.24</text:p></table:table-cell><table:table-cell office:value-type="time" office:time-value="PT26H30M05S"><text:p>26:30</text:p></table:table-cell><table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell></table:table-row>',
      `<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2" office:value-type="string"><office:annotation><dc:creator>Ada</dc:creator><text:p>Zwei</text:p><text:p>mal</text:p></office:annotation><text:p>wieder<text:s/> da</text:p></table:table-cell></table:table-row>`,
      '<table:table-row table:number-rows-repeated="1048571"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>',
      '<table:table table:name="Leer"><table:table-row><table:table-cell/></table:table-row></table:table>',
      `<table:table table:name="عربي"><table:table-row>${cell('<text:p>مرحبا</text:p>')}<table:table-cell table:number-columns-spanned="2" office:value-type="string"><text:p>مدموج</text:p></table:table-cell><table:covered-table-cell/>${cell('<text:p>بعد</text:p>')}</table:table-row></table:table>`,
    ].join(''),
  }),
  text: `## Größen

Name\t\t\tzwei Zeilen
0.3\t0.19\t1234.5\t2024-01-15\t2024-01-15T13:45:00\t26:30:05\tTRUE
wieder da\twieder da
wieder da\twieder da
Comment (A3): Zwei mal

## عربي

مرحبا\tمدموج\t\tبعد
`,
};

const slides: CorpusDocument = {
  about: 'a presentation with lists, a table and notes',
  filename: 'Vortrag.odp',
  mediaType: odfType('presentation'),
  title: 'Vortrag',
  pages: 3,
  bytes: odfOf({
    kind: 'presentation',
    title: 'Vortrag',
    body: [
      '<draw:page draw:name="p1"><draw:frame presentation:class="title"><draw:text-box><text:p>Begrüßung</text:p></draw:text-box></draw:frame><draw:frame presentation:class="outline"><draw:text-box><text:list><text:list-item><text:p>eins</text:p><text:list><text:list-item><text:p>zwei</text:p></text:list-item></text:list></text:list-item></text:list></draw:text-box></draw:frame><draw:frame presentation:class="footer"><draw:text-box><text:p>Fuß</text:p></draw:text-box></draw:frame>',
      '<presentation:notes><draw:page-thumbnail/><draw:frame presentation:class="notes"><draw:text-box><text:p>Langsam.</text:p><text:p>Pause.</text:p></draw:text-box></draw:frame><draw:frame presentation:class="page-number"><draw:text-box><text:p>1</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>',
      '<draw:page draw:name="p2"/>',
      '<draw:page draw:name="p3"><draw:g><draw:custom-shape><text:p>Form</text:p></draw:custom-shape></draw:g><draw:frame><table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table></draw:frame></draw:page>',
    ].join(''),
  }),
  text: '# Begrüßung\n\n- eins\n  - zwei\n\nNotes: Langsam.\nPause.\n\f\fForm\n\na\tb\n',
};

const unnamed: CorpusDocument = {
  about: 'a drawing whose type only its manifest says',
  filename: 'Zeichnung.odg',
  mediaType: odfType('graphics'),
  pages: 1,
  bytes: odfOf({
    kind: 'graphics',
    mimetype: undefined,
    body: '<draw:page><draw:rect><text:p>Kasten</text:p></draw:rect></draw:page>',
  }),
  text: 'Kasten\n',
};

export const ODF_DOCUMENTS: readonly CorpusDocument[] = [essay, sheets, slides, unnamed];

const encryption =
  '<manifest:encryption-data manifest:checksum-type="SHA1"><manifest:algorithm manifest:algorithm-name="Blowfish CFB"/></manifest:encryption-data>';
const entry = (path: string, inside: string) =>
  `<manifest:file-entry manifest:media-type="text/xml" manifest:full-path="${path}">${inside}</manifest:file-entry>`;

export const ODF_FAILURES: readonly UnreadableDocument[] = [
  {
    about: 'a text with a password',
    filename: 'secret.odt',
    bytes: odfOf({ kind: 'text', body: p('x'), manifest: entry('content.xml', encryption) }),
    code: 'document-encrypted',
    says: 'password',
  },
  {
    about: 'a text with a password that hides its parts too',
    filename: 'secret.odt',
    bytes: odfOf({
      kind: 'text',
      body: '',
      manifest: entry('encrypted-package', encryption),
      more: [{ name: 'encrypted-package', content: 'x' }],
    }),
    code: 'document-encrypted',
  },
  {
    about: 'an empty text',
    filename: 'empty.odt',
    bytes: odfOf({ kind: 'text', body: p(' '), title: 'T' }),
    code: 'document-empty',
  },
  {
    about: 'a text whose content is cut',
    filename: 'broken.odt',
    bytes: odfOf({ kind: 'text', body: '<text:p>x' }),
    code: 'document-broken',
  },
  {
    about: 'a formula of OpenDocument',
    filename: 'formula.odf',
    bytes: odfOf({ kind: 'text', body: '', mimetype: odfType('formula') }),
    code: 'unsupported-media-type',
    says: odfType('formula'),
  },
  {
    about: 'a sheet that repeats a row without end',
    filename: 'rows.ods',
    bytes: odfOf({
      kind: 'spreadsheet',
      body: `<table:table table:name="T"><table:table-row table:number-rows-repeated="99999999999">${cell('<text:p>x</text:p>')}</table:table-row></table:table>`,
    }),
    code: 'document-too-large',
  },
  {
    about: 'a sheet that repeats a long cell in a row',
    filename: 'cells.ods',
    bytes: odfOf({
      kind: 'spreadsheet',
      body: `<table:table table:name="T"><table:table-row><table:table-cell table:number-columns-repeated="16384"><text:p>${'long '.repeat(1000)}</text:p></table:table-cell></table:table-row></table:table>`,
    }),
    code: 'document-too-large',
  },
  {
    about: 'a presentation of more slides than are read',
    filename: 'slides.odp',
    bytes: odfOf({ kind: 'presentation', body: '<draw:page/>'.repeat(11) }),
    code: 'document-too-large',
    says: 'more than 10 slides',
  },
];
