import { crc32 } from 'node:zlib';

/**
 * One message of `application/vnd.amazon.eventstream`: total length, length of the headers, CRC-32 of those two, headers,
 * payload, CRC-32 of all before. https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function encodeEvent(eventType: string, contentType: string, payload: Uint8Array): Buffer {
  const headers = Buffer.concat([
    stringHeader(':message-type', 'event'),
    stringHeader(':event-type', eventType),
    stringHeader(':content-type', contentType),
  ]);
  const message = Buffer.alloc(PRELUDE_BYTES + headers.length + payload.length + CRC_BYTES);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(headers.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  message.set(headers, PRELUDE_BYTES);
  message.set(payload, PRELUDE_BYTES + headers.length);
  message.writeUInt32BE(crc32(message.subarray(0, -CRC_BYTES)), message.length - CRC_BYTES);
  return message;
}

const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;

/** The type of a header's value, as the format numbers them. */
const STRING = 7;

function stringHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const valueLength = Buffer.alloc(2);
  valueLength.writeUInt16BE(valueBytes.length);
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, Buffer.from([STRING]), valueLength, valueBytes]);
}
