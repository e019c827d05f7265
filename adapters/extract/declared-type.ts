/** Says of what is sent only that it is sent. */
const ANY = /^(?:application\/(?:octet-stream|binary|(?:x-|force-)?download|x-unknown)|binary\/octet-stream)$/;

/** Other names of the types that are found. */
const SAME: Readonly<Record<string, RegExp>> = {
  'application/pdf': /^application\/x-pdf$/,
  'application/rtf': /^text\/(?:rtf|richtext)$/,
  'application/json': /^(?:text\/json|application\/.*\+json)$/,
  'application/xml': /^(?:text\/xml|.*\+xml)$/,
  'text/html': /^application\/xhtml\+xml$/,
  'text/markdown': /^text\/x-markdown$/,
  'text/csv': /^(?:text\/tab-separated-values|application\/(?:csv|vnd\.ms-excel))$/,
};

/** Formats that are zips, and that many call so. */
const ZIPPED = /^application\/(?:epub\+zip|vnd\.(?:openxmlformats|oasis|ms-)[^/]*)$/;

/** What is text is rightly called plain text, too. */
const TEXT = /^(?:text\/|application\/(?:json|xml|rtf)$|message\/)/;

/** Which of these a text is may be a guess, */
const KINDS_OF_PLAIN_TEXT = /^text\/(?:plain|csv|markdown)$/;

/** and what programs, settings and calendars are written in is one of them. */
const PLAIN_TEXT =
  /^(?:text\/(?!html$|xml$|rtf$|richtext$)|application\/(?:x-)?(?:yaml|toml|(?:java|ecma|type)script|sh|shellscript|csh|bat|powershell|python|perl|php|httpd-php|ruby|lua|sql|tex|latex|bibtex|ndjson|jsonl|jsonlines|json-seq|subrip|troff|makefile)$)/;

/** @returns a sentence where what the sender says of the content and the content contradict each other. */
export function typeContradiction(declared: string | undefined, mediaType: string): string | undefined {
  if (declared === undefined || declared === mediaType || ANY.test(declared)) return undefined;
  if (SAME[mediaType]?.test(declared)) return undefined;
  if (KINDS_OF_PLAIN_TEXT.test(mediaType) && PLAIN_TEXT.test(declared)) return undefined;
  if (declared === 'text/plain' && TEXT.test(mediaType)) return undefined;
  if (/^application\/(?:x-)?zip(?:-compressed)?$/.test(declared) && ZIPPED.test(mediaType)) return undefined;
  return `It was sent as ${declared}, the content is ${mediaType}: the content was believed.`;
}
