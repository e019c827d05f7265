import { filled, type HostileDocument } from './hostile.ts';

const HTML = '<!doctype html><p>Hello</p>';

export const HOSTILE_PAGES: readonly HostileDocument[] = [
  {
    about: 'a page with 200,000 elements inside one another',
    filename: 'a.html',
    make: () => Buffer.from(HTML + '<div>'.repeat(200_000)),
    ends: 'document-too-deep',
  },
  {
    about: 'a page with a million attributes in one tag',
    filename: 'a.html',
    make: () =>
      Buffer.from(`${HTML}<p ${Array.from({ length: 1_000_000 }, (_, index) => `a${index}=1`).join(' ')}>end`),
    ends: 'text',
  },
  {
    about: 'a page whose comment of 8 MB does not end',
    filename: 'a.html',
    make: () => filled(8, '- ', `${HTML}<!--`),
    ends: 'text',
  },
  {
    about: 'a page whose attribute of 8 MB does not end',
    filename: 'a.html',
    make: () => filled(8, 'a ', `${HTML}<a href="`),
    ends: 'text',
  },
  {
    about: 'a page whose title has 8 MB',
    filename: 'a.html',
    make: () => filled(8, 't ', '<title>', `</title>${HTML}`),
    ends: 'text',
  },
  {
    about: 'a page of 5 million signs that begin a tag',
    filename: 'a.html',
    make: () => filled(5, '<', HTML),
    ends: 'text',
  },
  {
    about: 'a page of a million signs that begin an entity',
    filename: 'a.html',
    make: () => filled(5, '&#x&no', HTML),
    ends: 'text',
  },
  {
    about: 'a page of 100,000 comments that begin',
    filename: 'a.html',
    make: () => filled(5, '<!--<![CDATA[', HTML),
    ends: 'text',
  },
  {
    about: 'a page of a table of a million empty cells',
    filename: 'a.html',
    make: () => Buffer.from(`${HTML}<table><tr>${'<td>'.repeat(1_000_000)}`),
    ends: 'text',
  },
  {
    about: 'a page of 18 MB of spaces that are entities',
    filename: 'a.html',
    make: () => filled(18, '&nbsp;', `${HTML}<p>a`, 'b'),
    ends: 'text',
  },
  {
    about: 'a page of tables whose cells take a thousand rows and all columns',
    filename: 'a.html',
    make: () =>
      filled(18, `<table><tr>${'<td colspan=100 rowspan=1000>a'.repeat(10)}${'<tr>'.repeat(1_000)}</table>`, HTML),
    ends: 'text',
  },
  {
    about: 'a page of rows that are all taken by cells above them',
    filename: 'a.html',
    make: () => filled(18, `<table><tr>${'<td rowspan=1000>a'.repeat(1_000)}${'<tr><td>'.repeat(1_000)}</table>`, HTML),
    ends: 'document-too-large',
  },
  {
    about: 'a page of a million hidden elements inside one another, and one after another',
    filename: 'a.html',
    make: () => filled(8, `${'<b hidden>'.repeat(1_000)}${'</b>'.repeat(1_000)}`, HTML),
    ends: 'text',
  },
  {
    about: 'a page of 100,000 closed lists',
    filename: 'a.html',
    make: () => Buffer.from(HTML + '<ul><li>x</ul>'.repeat(100_000)),
    ends: 'text',
  },
];
