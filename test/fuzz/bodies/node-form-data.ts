import { isDeepStrictEqual } from 'node:util';
import type { Multipart } from '../../../adapters/http/parse-multipart.ts';

export interface FormDataAnswer {
  readonly compared: boolean;
  readonly wrong?: string;
}

const NOT_COMPARED: FormDataAnswer = { compared: false };

/**
 * Holds what was read against Node's own FormData reader. Left out are the bodies that it reads otherwise than RFC 2046 and
 * RFC 7578 say: the bare boundary inside a part, which it takes for a delimiter; a backslash or the like in a quoted name; a
 * `filename*`; a type with more than its boundary in it. Its names come unescaped from quotes only, and keep folders and control
 * characters; the part of a file input without a choice is a file to it.
 */
export async function formDataDiffers(ours: Multipart, type: string, body: Buffer): Promise<FormDataAnswer> {
  const boundary = /^multipart\/form-data; boundary="?([0-9A-Za-z-]+)"?$/.exec(type)?.[1];
  const inner = boundary === undefined ? undefined : withoutSurroundings(body.toString('latin1'), boundary);
  if (inner === undefined) return NOT_COMPARED;
  const data = await new Response(Buffer.from(inner, 'latin1'), { headers: { 'content-type': type } })
    .formData()
    .catch((cause: unknown) => cause as Error);
  if (data instanceof Error) return { compared: true, wrong: `accepted what FormData refuses: ${data}` };
  const fields: Record<string, string> = {};
  let file: File | undefined;
  for (const [name, value] of data) {
    if (typeof value === 'string') fields[name] = value;
    else file = value;
  }
  if (!isDeepStrictEqual(Object.fromEntries(ours.fields), fields)) {
    return { compared: true, wrong: `other fields than FormData: ${JSON.stringify(fields)}` };
  }
  if (ours.file === undefined && (file === undefined || file.size === 0)) return { compared: true };
  const bytes = file && Buffer.from(await file.arrayBuffer());
  if (!bytes || !ours.file?.bytes.equals(bytes))
    return { compared: true, wrong: 'other bytes of the file than FormData' };
  const same = ours.file.filename === displayed(file!.name);
  return { compared: true, ...(!same && { wrong: `the file name ${JSON.stringify(file!.name)} by FormData` }) };
}

/** @returns the form from its first boundary to its last; undefined where the two readers may differ. */
function withoutSurroundings(text: string, boundary: string): string | undefined {
  const start = text.startsWith(`--${boundary}`) ? 0 : text.indexOf(`\r\n--${boundary}`) + 2;
  const closing = `--${boundary}--`;
  const inner = text.slice(start, text.indexOf(closing, start) + closing.length);
  const delimiters = inner.split(`\r\n--${boundary}`).length;
  if (inner.split(boundary).length - 1 !== delimiters || /[\\]|filename\*/.test(inner)) return undefined;
  return inner;
}

function displayed(name: string): string {
  return name
    .replace(/%0A|%0D/gi, (escaped) => decodeURIComponent(escaped))
    .replaceAll('%22', '"')
    .split('/')
    .at(-1)!
    .replace(/\p{Cc}+/gu, ' ');
}
