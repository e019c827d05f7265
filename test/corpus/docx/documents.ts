import type { CorpusDocument } from '../document.ts';
import { XML } from '../ooxml.ts';
import { docxOf, item, paragraph, run, styled, table } from './docx.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

const note = (kind: string, id: number) =>
  `<w:r><w:rPr><w:rStyle w:val="Funotenzeichen"/></w:rPr><w:${kind}Reference w:id="${id}"/></w:r>`;

const report: CorpusDocument = {
  about: 'a report with headings, lists, a table with merged cells, notes and comments',
  filename: 'Bericht.docx',
  mediaType: DOCX,
  title: 'Jahresbericht 2025 & Ausblick',
  bytes: docxOf({
    title: 'Jahresbericht 2025 &amp; Ausblick',
    body: [
      styled('Titel', 'Jahresbericht'),
      styled('berschrift1', run('Über') + run('sicht', '<w:b/>')),
      paragraph(
        `${run('Die Erträge stiegen um ')}<w:hyperlink r:id="rId5">${run('12')}</w:hyperlink>${run(' % – ')}${run('„mehr als erwartet“', '<w:i/>')}${note('footnote', 2)}${run(' 🙂.')}`,
      ),
      paragraph(' \t'),
      paragraph('<w:r><w:t>Name</w:t><w:tab/><w:t>Ada</w:t><w:br/><w:t>Ort</w:t><w:tab/><w:t>K&#246;ln</w:t></w:r>'),
      styled('Kapitel', 'Was zu tun ist'),
      item(0, 'Erstens'),
      item(1, `<w:r><w:t>genauer</w:t></w:r>${note('endnote', 1)}`),
      item(
        0,
        `<w:commentRangeStart w:id="0"/>${run('Zweitens')}<w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>`,
      ),
      styled('Aufzhlung', 'aus der Vorlage'),
      paragraph(
        'keine Liste mehr',
        '<w:pStyle w:val="Aufzhlung"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>',
      ),
      table(
        ['Land', `<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>${paragraph('Umsatz')}`, 'Notiz'],
        [
          `<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>${paragraph('Österreich')}`,
          '1',
          '2',
          paragraph('gut') + paragraph('besser'),
        ],
        ['<w:tcPr><w:vMerge/></w:tcPr><w:p/>', '3', '', ''],
        ['', '', '', ''],
      ),
      paragraph(`${run('Ende')}${note('footnote', 1)}${run(' der Seite')}<w:r><w:br w:type="page"/></w:r>`),
      paragraph('Anhang', '<w:pStyle w:val="berschrift1"/><w:pageBreakBefore/>'),
      paragraph('Letzter Satz', '<w:sectPr><w:type w:val="continuous"/><w:cols w:num="2"/></w:sectPr>'),
      paragraph('in zwei Spalten.'),
    ].join(''),
    footnotes: `<w:footnote w:id="1">${paragraph(`<w:r><w:footnoteRef/></w:r>${run(' Zweite im Text.')}`)}</w:footnote><w:footnote w:id="2">${paragraph(' Laut Prüfung.')}${paragraph('Zweiter Absatz.')}</w:footnote><w:footnote w:id="7">${paragraph('Von niemandem genannt.')}</w:footnote>`,
    endnotes: `<w:endnote w:id="1">${paragraph('Am Ende.')}</w:endnote>`,
    comments: `<w:comment w:id="0" w:author="Grace Hopper" w:date="2026-01-01T00:00:00Z" w:initials="GH">${paragraph('Wirklich?')}</w:comment>`,
  }),
  text: `# Jahresbericht

# Übersicht

Die Erträge stiegen um 12 % – „mehr als erwartet“[^1] 🙂.

Name\tAda
Ort\tKöln

## Was zu tun ist

- Erstens
  - genauer[^2]
- Zweitens
- aus der Vorlage

keine Liste mehr

Land\tUmsatz\t\tNotiz
Österreich\t1\t2\tgut besser
\t3\t\t

Ende[^3] der Seite
\f# Anhang

Letzter Satz
\fin zwei Spalten.

[^3]: Zweite im Text.
[^1]: Laut Prüfung.
Zweiter Absatz.
[^2]: Am Ende.
Comment (Grace Hopper): Wirklich?
`,
};

const rightToLeft: CorpusDocument = {
  about: 'a letter in Arabic, Hebrew and Japanese, from right to left and with readings beside the characters',
  filename: 'رسالة.docx',
  mediaType: DOCX,
  title: 'رسالة',
  bytes: docxOf({
    title: 'رسالة',
    body: [
      paragraph(run('مرحبا بالعالم', '<w:rtl/>'), '<w:pStyle w:val="berschrift1"/><w:bidi/>'),
      paragraph(`${run('السعر 25 ريال', '<w:rtl/>')}${run(' (SAR)')}`, '<w:bidi/>'),
      paragraph(run('שָׁלוֹם עולם', '<w:rtl/>'), '<w:bidi/>'),
      `<w:tbl><w:tblPr><w:bidiVisual/></w:tblPr><w:tr><w:tc>${paragraph('الاسم')}</w:tc><w:tc>${paragraph('العمر')}</w:tc></w:tr><w:tr><w:tc>${paragraph('ליאור')}</w:tc><w:tc>${paragraph('٣٤')}</w:tc></w:tr></w:tbl>`,
      paragraph(
        `<w:r><w:ruby><w:rubyPr/><w:rt>${run('とうきょう')}</w:rt><w:rubyBase>${run('東京')}</w:rubyBase></w:ruby></w:r>${run('へ行く。')}`,
      ),
    ].join(''),
  }),
  text: `# مرحبا بالعالم

السعر 25 ريال (SAR)

שָׁלוֹם עולם

الاسم\tالعمر
ליאור\t٣٤

東京へ行く。
`,
};

const change = 'w:id="5" w:author="Ada" w:date="2026-01-01T00:00:00Z"';

const tracked: CorpusDocument = {
  about: 'a contract with tracked changes, fields, text boxes, hidden text and a formula',
  filename: 'contract.docx',
  mediaType: DOCX,
  bytes: docxOf({
    body: [
      paragraph(
        `${run('The fee is ')}<w:del ${change}><w:r><w:delText>100</w:delText></w:r></w:del><w:ins ${change}>${run('120')}</w:ins>${run(' euros')}<w:moveFrom ${change}>${run(' gone')}</w:moveFrom><w:moveTo ${change}>${run(' a year')}</w:moveTo>${run('.')}`,
        `<w:pPrChange ${change}><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr></w:pPrChange>`,
      ),
      paragraph('First half,', `<w:rPr><w:del ${change}/></w:rPr>`),
      paragraph(' second half.', '<w:pStyle w:val="berschrift1"/>'),
      `<w:tbl><w:tr><w:trPr><w:del ${change}/></w:trPr><w:tc>${paragraph(`<w:del ${change}><w:r><w:delText>old</w:delText></w:r></w:del>`)}</w:tc><w:tc>${paragraph('kept by mistake')}</w:tc></w:tr><w:tr><w:tc>${paragraph('new')}</w:tc></w:tr></w:tbl>`,
      paragraph(
        `${run('Page ')}<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGEREF _Toc1 </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${run('7')}<w:r><w:fldChar w:fldCharType="end"/></w:r><w:fldSimple w:instr=" DATE ">${run(' of May')}</w:fldSimple>${run('secret', '<w:vanish/>')}${run('!', '<w:vanish w:val="0"/>')}`,
        '<w:tabs><w:tab w:val="left" w:pos="720"/></w:tabs>',
      ),
      `<w:sdt><w:sdtPr><w:alias w:val="Name"/></w:sdtPr><w:sdtContent>${paragraph('In a control')}</w:sdtContent></w:sdt>`,
      paragraph(
        `${run('Beside a box')}<w:r><mc:AlternateContent><mc:Choice Requires="wps"><wps:txbx><w:txbxContent>${paragraph('Boxed one')}${paragraph('Boxed two')}</w:txbxContent></wps:txbx></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>${paragraph('Boxed one')}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>${run('and on')}`,
      ),
      paragraph(
        `<m:oMath><m:r><m:t>E=m</m:t></m:r><m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>`,
      ),
      paragraph('<w:r><w:t>e</w:t><w:noBreakHyphen/><w:t>mail</w:t><w:softHyphen/><w:t>s &lt;now&gt;</w:t></w:r>'),
      table(['outer', table(['a', 'b'], ['c', 'd']) + paragraph('')], ['end', 'x']),
    ].join(''),
  }),
  text: `The fee is 120 euros a year.

First half, second half.

new

Page 7 of May!

In a control

Beside a box

Boxed one

Boxed two

and on

E=mc^2

e‑mails <now>

outer\ta\tb
c\td
end\tx
`,
};

const foreign: CorpusDocument = {
  about: 'a strict document in UTF-16 whose writer chose its own prefixes and forgot the styles',
  filename: 'strict.docx',
  mediaType: DOCX,
  bytes: docxOf({
    body: '',
    styles: '',
    document: Buffer.from(
      `\ufeff<?xml version="1.0" encoding="UTF-16"?><ns0:document xmlns:ns0="http://purl.oclc.org/ooxml/wordprocessingml/main" xmlns:w="urn:other"><ns0:body><ns0:p><ns0:pPr><ns0:pStyle ns0:val="Heading2"/></ns0:pPr><ns0:r><ns0:t>Größe</ns0:t></ns0:r></ns0:p><w:p><w:r><w:t>not Word’s</w:t></w:r></w:p><p xmlns="http://purl.oclc.org/ooxml/wordprocessingml/main"><r><t>plain</t></r></p></ns0:body></ns0:document>`,
      'utf16le',
    ),
    zip: { zip64: true, comment: 'made by hand' },
  }),
  text: '## Größe\n\nplain\n',
};

const macros: CorpusDocument = {
  about: 'a template with macros, whose parts are stored and named with backslashes',
  filename: 'letter.dotm',
  mediaType: 'application/vnd.ms-word.template.macroenabled.12',
  bytes: docxOf({
    body: '',
    mainType: 'application/vnd.ms-word.template.macroEnabledTemplate.main+xml',
    document: `${XML}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${paragraph('Dear <![CDATA[<name>]]>,')}</w:body></w:document>`,
    more: { 'word/vbaProject.bin': Buffer.alloc(1000, 0xd0), 'word/embeddings/inner.zip': Buffer.from('PK\x03\x04') },
  }),
  text: 'Dear <name>,\n',
};

export const DOCX_DOCUMENTS: readonly CorpusDocument[] = [report, rightToLeft, tracked, foreign, macros];
