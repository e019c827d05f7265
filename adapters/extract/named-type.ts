/** Programs, settings, subtitles, calendars: their comments and lists are not to be taken for Markdown. */
const PLAIN =
  `txt text log yml yaml toml ini cfg conf properties env diff patch tex bib rst adoc srt vtt ics vcf jsonl ndjson
  py rb pl php js mjs cjs ts mts cts tsx jsx java kt scala swift go rs c h cc cpp hpp cs m r jl lua sh bash zsh ps1 bat cmd sql
  css scss less tf gradle cmake proto graphql`.split(/\s+/);

/** What names promise. The content decides; a name only tells kinds of text apart. */
const TYPES_BY_EXTENSION: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  html: 'text/html',
  htm: 'text/html',
  xhtml: 'text/html',
  md: 'text/markdown',
  markdown: 'text/markdown',
  csv: 'text/csv',
  tsv: 'text/csv',
  tab: 'text/csv',
  json: 'application/json',
  geojson: 'application/json',
  ipynb: 'application/json',
  rtf: 'application/rtf',
  eml: 'message/rfc822',
  mht: 'message/rfc822',
  mhtml: 'message/rfc822',
  xml: 'application/xml',
  rss: 'application/xml',
  atom: 'application/xml',
  svg: 'application/xml',
  xsd: 'application/xml',
  xsl: 'application/xml',
  kml: 'application/xml',
  gpx: 'application/xml',
  opml: 'application/xml',
  fb2: 'application/xml',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  xls: 'application/vnd.ms-excel',
  ppt: 'application/vnd.ms-powerpoint',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odp: 'application/vnd.oasis.opendocument.presentation',
  epub: 'application/epub+zip',
  zip: 'application/zip',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
};

export function typeByName(filename: string): string | undefined {
  const extension = /\.([0-9A-Za-z]{1,10})$/.exec(filename)?.[1]?.toLowerCase();
  if (extension === undefined) return undefined;
  if (PLAIN.includes(extension)) return 'text/plain';
  return Object.hasOwn(TYPES_BY_EXTENSION, extension) ? TYPES_BY_EXTENSION[extension] : undefined;
}

const NO_TEXT = /^application\/(?:pdf|epub\+zip|vnd\.)/;

/** @returns a sentence where name and content contradict each other. Any text may be called .txt. */
export function contradiction(filename: string, mediaType: string): string | undefined {
  const named = typeByName(filename);
  if (named === undefined || named === mediaType) return undefined;
  if (named === 'text/plain' && !NO_TEXT.test(mediaType)) return undefined;
  return `The name says ${named}, the content is ${mediaType}: the content was believed.`;
}
