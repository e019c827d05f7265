/** Undoes the encoding that a part was sent in, as it comes. What is no sign of it is passed over, or stays as it is. */
export interface TransferDecoder {
  decode(bytes: Buffer): Buffer;
  end(): Buffer;
}

export function createTransferDecoder(encoding: string): TransferDecoder {
  if (encoding === 'base64') return createBase64Decoder();
  if (encoding === 'quoted-printable') return createQuotedPrintableDecoder();
  return { decode: (bytes) => bytes, end: () => Buffer.alloc(0) };
}

function createBase64Decoder(): TransferDecoder {
  let rest = '';
  return {
    decode(bytes) {
      const signs = rest + bytes.toString('latin1').replace(/[^A-Za-z0-9+/=]+/g, '');
      // Each end of padding is the end of an encoding: some programs put several after one another.
      const pieces = signs.split(/=+/);
      const last = pieces.pop()!;
      rest = last.slice(last.length - (last.length % 4));
      pieces.push(last.slice(0, last.length - (last.length % 4)));
      return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64')));
    },
    end: () => Buffer.from(rest, 'base64'),
  };
}

/** A sign or a soft line break that may go on in the next chunk. */
const CUT = /=(?:[0-9a-f]?|[ \t]{0,80}\r?)$/i;

function createQuotedPrintableDecoder(): TransferDecoder {
  let rest = '';
  const decoded = (text: string) =>
    Buffer.from(
      text
        .replace(/=[ \t]{0,80}\r?\n/g, '')
        .replace(/=([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    );
  return {
    decode(bytes) {
      const text = rest + bytes.toString('latin1');
      const tail = text.slice(-100);
      const cut = CUT.exec(tail);
      const end = cut ? text.length - tail.length + cut.index : text.length;
      rest = text.slice(end);
      return decoded(text.slice(0, end));
    },
    end: () => decoded(rest),
  };
}
