import { createControlFilter, withoutControls } from './control-signs.ts';

export interface Decoder {
  /** Without `stream`, and without bytes, what is left of a character that was cut comes out as U+FFFD. */
  decode(bytes?: Uint8Array, options?: { readonly stream?: boolean }): string;
}

/**
 * Without the control characters that are no part of a text.
 * @param label one of TextDecoder's, or UTF-32 or DOS, which TextDecoder does not have.
 */
export function createDecoder(label: string): Decoder {
  const decoder = rawDecoder(label);
  const filter = createControlFilter();
  return {
    decode(bytes, { stream = false } = {}) {
      const text = decoder.decode(bytes, { stream });
      return stream ? filter.pass(text) : filter.end(text);
    },
  };
}

/** @returns all of the text that the start of a document has. A character may be cut at its end. */
export function decodeStart(bytes: Uint8Array, label: string): string {
  return withoutControls(rawDecoder(label).decode(bytes, { stream: true }));
}

/** With all of the control characters. */
export function rawDecoder(label: string): Decoder {
  if (label === DOS) return { decode: (bytes = new Uint8Array()) => decodeDos(bytes) };
  return label.startsWith('utf-32') ? createUtf32Decoder(label) : new TextDecoder(label);
}

/** What DOS wrote in the west of Europe. In America it had other signs, and the same letters. */
export const DOS = 'ibm850';

const DOS_SIGNS =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';

function decodeDos(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/[\x80-\xff]/g, (sign) => DOS_SIGNS[sign.charCodeAt(0) - 0x80]!);
}

function createUtf32Decoder(label: string): Decoder {
  let rest = Buffer.alloc(0);
  return {
    decode(bytes = new Uint8Array(), { stream = false } = {}) {
      const all = Buffer.concat([rest, bytes]);
      const whole = all.length - (all.length % 4);
      rest = all.subarray(whole);
      let text = '';
      for (let at = 0; at < whole; at += 4) text += characterAt(all, at, label) ?? '\ufffd';
      return stream || rest.length === 0 ? text : `${text}\ufffd`;
    },
  };
}

function characterAt(bytes: Buffer, at: number, label: string): string | undefined {
  const code = label === 'utf-32be' ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code);
}

/** What other bytes become when they are read as UTF-16 or UTF-32, and no text is made of. Private characters are icons in fonts. */
export const NO_TEXT = /(?![\t\n\f\r])[\p{Cc}\p{Cn}\p{Co}]/u;

/** @returns whether every four bytes are a character of a text. */
export function isUtf32(bytes: Buffer, label: string): boolean {
  if (bytes.length === 0 || bytes.length % 4 !== 0) return false;
  for (let at = 0; at < bytes.length; at += 4) {
    const character = characterAt(bytes, at, label);
    if (character === undefined || NO_TEXT.test(character)) return false;
  }
  return true;
}

/** @returns whether every byte means something in that encoding. A character may be cut at their end. */
export function decodes(bytes: Uint8Array, label: string): boolean {
  return succeeds(() => new TextDecoder(label, { fatal: true }).decode(bytes, { stream: true }));
}

export function succeeds(decode: () => string): boolean {
  try {
    decode();
    return true;
  } catch {
    return false;
  }
}
