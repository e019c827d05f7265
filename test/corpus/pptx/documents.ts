import type { CorpusDocument, UnreadableDocument } from '../document.ts';
import { XML } from '../ooxml.ts';
import { bullet, pptxOf, shape, slideTable } from './pptx.ts';

const PPTX = 'application/vnd.openxmlformats-officedocument.presentationml.presentation';

const merged = '<a:tc gridSpan="2"><a:txBody><a:p><a:r><a:t>Beide Jahre</a:t></a:r></a:p></a:txBody></a:tc>';
const behind = '<a:tc hMerge="1"><a:txBody><a:p><a:endParaRPr/></a:p></a:txBody></a:tc>';

const diagram = `${XML}<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst><dgm:pt modelId="1"><dgm:t><a:bodyPr/><a:p><a:r><a:t>Planen</a:t></a:r></a:p></dgm:t></dgm:pt><dgm:pt modelId="2" type="pres"/><dgm:pt modelId="3"><dgm:t><a:p><a:r><a:t>Bauen</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>`;

const talk: CorpusDocument = {
  about:
    'a talk with lists, a table with merged cells, a diagram, notes and comments, shown in another order than stored',
  filename: 'Vortrag.pptx',
  mediaType: PPTX,
  title: 'Über Größen',
  pages: 4,
  bytes: pptxOf({
    title: 'Über Größen',
    order: [2, 1, 3, 4],
    slides: [
      {
        shapes: [
          shape('title', 'Tages­ordnung'),
          shape('', 'Begrüßung', bullet('im Saal', 'lvl="1"'), bullet('kein Punkt', 'marL="0"', '<a:buNone/>'), ' '),
          shape(
            'body',
            'Bildunterschrift',
            bullet('eingerückt', 'lvl="1"'),
            bullet('erstens', '', '<a:buAutoNum type="arabicPeriod"/>'),
          ),
          shape('sldNum', '2'),
          shape('ftr', 'Fußzeile'),
          shape('dt', '1.1.2026'),
        ].join(''),
        notes: shape('sldImg', 'no') + shape('body', 'Langsam sprechen.', 'Pause.') + shape('sldNum', '2'),
        comments: `${XML}<p:cmLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"><p:cm authorId="0" dt="2026-01-01" idx="1"><p:pos x="10" y="10"/><p:text>Kürzer!</p:text></p:cm></p:cmLst>`,
      },
      {
        shapes:
          shape('ctrTitle', '<a:p><a:r><a:t>Über</a:t></a:r><a:br/><a:r><a:t>Größen</a:t></a:r></a:p>') +
          shape('subTitle', 'Ada &amp; Grace 🙂'),
      },
      { shapes: '', hidden: true },
      {
        shapes: [
          slideTable(['Land', merged, behind], ['Österreich', '1', '2'], ['', '', '']),
          '<p:graphicFrame><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/diagram"><dgm:relIds xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" r:dm="rId4" r:lo="rId5"/></a:graphicData></a:graphic></p:graphicFrame>',
          shape(
            undefined,
            '<a:p><a:r><a:t>Freier </a:t></a:r><a:r><a:t>Text, Seite </a:t></a:r><a:fld type="slidenum"><a:t>4</a:t></a:fld></a:p>',
          ),
        ].join(''),
        diagram,
        comments: `${XML}<p188:cmLst xmlns:p188="http://schemas.microsoft.com/office/powerpoint/2018/8/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p188:cm id="{1}"><p188:replyLst><p188:reply id="{2}"><p188:txBody><a:p><a:r><a:t>Ja.</a:t></a:r></a:p></p188:txBody></p188:reply></p188:replyLst><p188:txBody><a:p><a:r><a:t>Stimmt das?</a:t></a:r></a:p></p188:txBody></p188:cm></p188:cmLst>`,
      },
    ],
  }),
  text: `# Über Größen

Ada & Grace 🙂
\f# Tages­ordnung

- Begrüßung
  - im Saal

kein Punkt

Bildunterschrift

  - eingerückt
- erstens

Notes: Langsam sprechen.
Pause.
Comment: Kürzer!
\f\fLand\tBeide Jahre\t
Österreich\t1\t2

Freier Text, Seite

Planen

Bauen

Comment: Ja.
Comment: Stimmt das?
`,
};

const hebrew: CorpusDocument = {
  about: 'slides from right to left, in groups and with a variant for older programs',
  filename: 'מצגת.pptx',
  mediaType: PPTX,
  pages: 2,
  bytes: pptxOf({
    slides: [
      {
        shapes: `<p:grpSp><p:nvGrpSpPr/><p:grpSp>${shape('title', 'מצגת')}</p:grpSp>${shape('', bullet('ראשון', 'algn="r" rtl="1"'), bullet('שני', 'algn="r" rtl="1"'))}</p:grpSp>`,
      },
      {
        shapes: `<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="a14">${shape(undefined, 'مرحبا')}</mc:Choice><mc:Fallback>${shape(undefined, 'older')}</mc:Fallback></mc:AlternateContent>`,
      },
    ],
  }),
  text: '# מצגת\n\n- ראשון\n- שני\n\fمرحبا\n',
};

const show: CorpusDocument = {
  about: 'a slide show with macros',
  filename: 'show.ppsm',
  mediaType: 'application/vnd.ms-powerpoint.slideshow.macroenabled.12',
  pages: 1,
  title: 'Show',
  bytes: pptxOf({
    title: ' Show ',
    mainType: 'application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml',
    slides: [{ shapes: shape('title', 'Only one') }],
  }),
  text: '# Only one\n',
};

export const PPTX_DOCUMENTS: readonly CorpusDocument[] = [talk, hebrew, show];

export const PPTX_FAILURES: readonly UnreadableDocument[] = [
  {
    about: 'slides that are pictures',
    filename: 'photos.pptx',
    bytes: pptxOf({ slides: [{ shapes: '<p:pic><p:nvPicPr/></p:pic>' }, { shapes: '' }] }),
    code: 'document-empty',
    says: 'no text in this document',
  },
  {
    about: 'a presentation whose slide is not in it',
    filename: 'broken.pptx',
    bytes: pptxOf({ slides: [{ shapes: shape('title', 'One') }], order: [1, 2] }),
    code: 'document-broken',
    says: 'missing',
  },
  {
    about: 'a presentation that shows one slide more often than anybody would',
    filename: 'again.pptx',
    bytes: pptxOf({ slides: [{ shapes: shape('title', 'One') }], order: Array.from({ length: 1_000 }, () => 1) }),
    code: 'document-too-large',
    says: 'slides: split it',
  },
];
