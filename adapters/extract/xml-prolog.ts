/** @returns where the first element begins, after declarations, comments and a DOCTYPE; undefined where it is still to come. */
export function endOfProlog(xml: string): number | undefined {
  let at = 0;
  for (;;) {
    at = skipSpace(xml, at);
    const next = endOfDeclaration(xml, at);
    if (next === undefined || next === at) return next;
    at = next;
  }
}

function skipSpace(xml: string, at: number): number {
  const spaces = /[\s\ufeff]*/y;
  spaces.lastIndex = at;
  return at + spaces.exec(xml)![0].length;
}

const DOCTYPE = '<!DOCTYPE';

function endOfDeclaration(xml: string, at: number): number | undefined {
  if (xml.startsWith('<!--', at)) return after(xml, '-->', at + 4);
  if (xml.startsWith('<?', at)) return after(xml, '?>', at + 2);
  const start = xml.slice(at, at + DOCTYPE.length).toUpperCase();
  if (start === DOCTYPE) return endOfDoctype(xml, at + DOCTYPE.length);
  // Too short to tell what begins here.
  return DOCTYPE.startsWith(start) || start === '<!-' ? undefined : at;
}

function after(xml: string, end: string, from: number): number | undefined {
  const at = xml.indexOf(end, from);
  return at === -1 ? undefined : at + end.length;
}

/** What it declares, between [ and ], may have any of these signs in quotes, in comments and in declarations of its own. */
function endOfDoctype(xml: string, from: number): number | undefined {
  const signs = /<!--|<\?|["'[\]>]/g;
  signs.lastIndex = from;
  let inside = false;
  for (let sign = signs.exec(xml); sign; sign = signs.exec(xml)) {
    if (sign[0] === '>' && !inside) return signs.lastIndex;
    if (sign[0] === '[') inside = true;
    if (sign[0] === ']') inside = false;
    const end = CLOSING[sign[0]];
    const next = end === undefined ? signs.lastIndex : after(xml, end, signs.lastIndex);
    if (next === undefined) return undefined;
    signs.lastIndex = next;
  }
  return undefined;
}

const CLOSING: Readonly<Record<string, string>> = { '<!--': '-->', '<?': '?>', '"': '"', "'": "'" };
