import { Parser } from 'htmlparser2';
import { SourceFailure } from '../../domain/errors.ts';
import { MAX_XML_DEPTH } from './limits.ts';
import { attributeIn, nameIn, type Scope, scopeIn, TOP_SCOPE } from './xml-names.ts';

/** @returns the value of an attribute of the element that was just opened, by its name as in xml-names.ts. */
export type Attribute = (name: string) => string | undefined;

export interface XmlHandler {
  /** @returns 'skip' to hear nothing of what is inside, nor of its end. */
  open(name: string, attribute: Attribute): 'skip' | undefined;
  close?(name: string): void;
  text?(text: string): void;
}

export interface XmlOptions {
  /** Whether a document type is passed over, as old writers put one where the standards have none. Default: refused. */
  readonly documentType?: 'passed-over';
}

/**
 * Reads XML as it comes, without building a tree of it: a small file can make that one as large as all memory. Nothing that
 * a document declares is ever expanded or fetched.
 * @throws SourceFailure `document-broken` where it is not XML or has a document type, `document-too-deep`
 */
export async function readXml(
  bytes: AsyncIterable<Buffer>,
  handler: XmlHandler,
  options: XmlOptions = {},
): Promise<void> {
  const reader = createXmlReader(handler, options);
  for await (const text of decodeXml(bytes)) reader.write(text);
  reader.end();
}

interface XmlReader {
  write(text: string): void;
  end(): void;
}

function createXmlReader(handler: XmlHandler, options: XmlOptions): XmlReader {
  /** One for each open element. */
  const scopes: Scope[] = [TOP_SCOPE];
  let skippedFrom = Number.POSITIVE_INFINITY;
  let attributes: Readonly<Record<string, string>> = {};
  let openedAt = -1;
  let elements = 0;

  const attribute: Attribute = (name) => {
    const raw = attributeIn(scopes.at(-1)!, name);
    return Object.hasOwn(attributes, raw) ? attributes[raw] : undefined;
  };

  function open(raw: string, itsAttributes: Record<string, string>): void {
    if (scopes.length > MAX_XML_DEPTH) throw tooDeep();
    const scope = scopeIn(scopes.at(-1)!, itsAttributes);
    scopes.push(scope);
    attributes = itsAttributes;
    openedAt = parser.endIndex;
    elements += 1;
    if (scopes.length > skippedFrom) return;
    if (handler.open(nameIn(scope, raw), attribute) === 'skip') skippedFrom = scopes.length;
  }

  function close(raw: string, implied: boolean): void {
    // The parser closes what another end tag closes with it; where it is the element's own tag, that ended in />.
    if (implied && parser.endIndex !== openedAt) throw notXml();
    const scope = scopes.pop()!;
    const depth = scopes.length + 1;
    if (depth < skippedFrom) handler.close?.(nameIn(scope, raw));
    else if (depth === skippedFrom) skippedFrom = Number.POSITIVE_INFINITY;
  }

  const parser = new Parser(
    {
      onopentag: open,
      onclosetag: close,
      ontext: (text) => {
        if (scopes.length < skippedFrom) handler.text?.(text);
      },
      onprocessinginstruction(name) {
        if (options.documentType === undefined && /^!doctype$/i.test(name)) throw documentType();
      },
    },
    { xmlMode: true },
  );
  return {
    write: (text) => parser.write(text),
    end() {
      if (scopes.length > 1) throw notXml();
      parser.end();
      if (elements === 0) throw notXml();
    },
  };
}

/** Long enough for a declaration of the encoding. */
const HEAD_BYTES = 1024;

/** In the encoding that the XML declares, or UTF-8. */
export async function* decodeXml(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let head = Buffer.alloc(0);
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const chunk of bytes) {
    if (decoder) {
      yield decoder.decode(chunk, { stream: true });
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < HEAD_BYTES) continue;
    decoder = new TextDecoder(encodingOf(head));
    yield decoder.decode(head, { stream: true });
  }
  if (decoder) yield decoder.decode();
  else yield new TextDecoder(encodingOf(head)).decode(head);
}

function encodingOf(head: Buffer): string {
  const start = head.toString('latin1', 0, HEAD_BYTES);
  if (/^(?:\xff\xfe|<\0)/.test(start)) return 'utf-16le';
  if (/^(?:\xfe\xff|\0<)/.test(start)) return 'utf-16be';
  const label = /^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(start)?.[1];
  try {
    const { encoding } = new TextDecoder(label);
    // These would have shown in the bytes.
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding;
  } catch {
    return 'utf-8';
  }
}

function tooDeep(): SourceFailure {
  return new SourceFailure(
    'document-too-deep',
    `The document nests its parts more than ${MAX_XML_DEPTH} deep: simplify it.`,
  );
}

function notXml(): SourceFailure {
  return new SourceFailure('document-broken', 'The document is damaged, a part of it is not XML: save it anew.');
}

function documentType(): SourceFailure {
  return new SourceFailure(
    'document-broken',
    'The document declares a type of its own, which none of its kind does: save it anew.',
  );
}
