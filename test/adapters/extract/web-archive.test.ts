import { describe, expect, it } from 'vitest';
import { extractHere } from './extract-here.ts';

const TYPE = 'message/rfc822';

/** As Word writes it: the lines are folded and the page is quoted-printable, in the encoding of its machine. */
const WORD = `MIME-Version: 1.0
Content-Type: multipart/related; boundary="----=_NextPart_01DC7F2A.5E1C7B30"

This document is a Single File Web Page, also known as a Web Archive file.

------=_NextPart_01DC7F2A.5E1C7B30
Content-Location: file:///C:/8F2D1A10/report.htm
Content-Transfer-Encoding: quoted-printable
Content-Type: text/html; charset="windows-1252"

<html xmlns:w=3D"urn:schemas-microsoft-com:office:word">
<head><title>The report</title><style>p {color: red}</style></head>
<body><p>Gr=FC=DFe aus K=F6ln</p></body></html>

------=_NextPart_01DC7F2A.5E1C7B30
Content-Location: file:///C:/8F2D1A10/report_files/image001.png
Content-Transfer-Encoding: base64
Content-Type: image/png

iVBORw0KGgo=

------=_NextPart_01DC7F2A.5E1C7B30
Content-Location: file:///C:/8F2D1A10/report_files/header.htm
Content-Type: text/html; charset="us-ascii"

<html><p>printed on every page</p></html>

------=_NextPart_01DC7F2A.5E1C7B30
Content-Location: file:///C:/8F2D1A10/report_files/filelist.xml
Content-Type: text/xml; charset="utf-8"

<xml><o:File HRef="image001.png"/></xml>
------=_NextPart_01DC7F2A.5E1C7B30--
`;

/** As a wiki exports it: a header like that of a message that was never sent. */
const WIKI = `Date: Mon, 5 Jan 2026 10:00:00 +0000 (UTC)
Message-ID: <1.2.3@wiki>
Subject: Exported page
MIME-Version: 1.0
Content-Type: multipart/related;
\tboundary="----=_Part_1_2.3"

------=_Part_1_2.3
Content-Type: text/html; charset=UTF-8
Content-Transfer-Encoding: quoted-printable
Content-Location: file:///C:/exported.html

<html><body><h1>Gr=C3=BC=C3=9Fe</h1></body></html>
------=_Part_1_2.3--
`;

// Neither has a sender: all of it came out as it stands in the file, pictures in Base64 included.
describe('a page that was saved with all that belongs to it, and is called .doc', () => {
  it.each(['\n', '\r\n'])('is the text of the page, and nothing of its pictures and lists (%j)', async (end) => {
    const { text, title, mediaType, note } = await extractHere('report.doc', WORD.replaceAll('\n', end));
    expect({ text, title, mediaType }).toEqual({ text: 'Grüße aus Köln\n', title: 'The report', mediaType: TYPE });
    expect(note).toBe('The name says application/msword, the content is message/rfc822: the content was believed.');
  });

  it('is called by its subject where it has one', async () => {
    const { text, title } = await extractHere('page.doc', WIKI);
    expect(title).toBe('Exported page');
    expect(text).toMatch(/\n\n# Grüße\n$/);
  });

  it('is known by its header lines alone, and nothing else is', async () => {
    expect((await extractHere('', WORD)).mediaType).toBe(TYPE);
    for (const other of [
      'Content-Type: text/html',
      'Content-Type: multipart/related',
      'X-Type: multipart/a; boundary=b',
    ]) {
      const { mediaType } = await extractHere('', `MIME-Version: 1.0\n${other}\n\ntext`);
      expect(mediaType, other).toBe('text/plain');
    }
  });

  it('still names what is attached to a letter with pictures', async () => {
    const letter = `From: a@example.com\n${WIKI.replace('------=_Part_1_2.3--', '------=_Part_1_2.3\nContent-Type: application/pdf; name=a.pdf\n\nx\n------=_Part_1_2.3--')}`;
    expect((await extractHere('', letter)).text).toContain('Attachment: a.pdf (application/pdf)');
  });
});
