import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32 } from 'node:zlib';

export interface S3Sink extends AsyncDisposable {
  readonly url: string;
  /** Of all parts that came. */
  readonly bytes: () => number;
}

/** Takes objects in parts as S3 does, checksums and all, and keeps none of their bytes: 1 GB is not to lie in memory anywhere. */
export async function startS3Sink(): Promise<S3Sink> {
  let bytes = 0;
  const checksums = new Map<number, number>();

  async function take(request: IncomingMessage): Promise<number> {
    let checksum = 0;
    for await (const chunk of request) {
      checksum = crc32(chunk, checksum);
      bytes += chunk.length;
    }
    const said = request.headers['x-amz-checksum-crc32'];
    if (said !== base64([checksum])) throw new Error(`a part came with the checksum ${said}, and is another one`);
    return checksum;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const query = new URL(request.url!, 'http://s3').searchParams;
    const partNumber = query.get('partNumber');
    if (request.method === 'PUT' && partNumber !== null) {
      checksums.set(Number(partNumber), await take(request));
      response.setHeader('x-amz-checksum-crc32', base64([checksums.get(Number(partNumber))!]));
      response.setHeader('etag', '"part"').end();
    } else if (request.method === 'POST' && query.has('uploads')) {
      checksums.clear();
      response.end('<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>');
    } else if (request.method === 'POST' && query.has('uploadId')) {
      for await (const _ of request);
      const parts = [...checksums].sort(([one], [other]) => one - other).map(([, checksum]) => checksum);
      const whole = `${base64([crc32(Buffer.from(base64(parts), 'base64'))])}-${parts.length}`;
      response.end(
        `<CompleteMultipartUploadResult><ETag>"whole"</ETag><ChecksumCRC32>${whole}</ChecksumCRC32></CompleteMultipartUploadResult>`,
      );
    } else {
      throw new Error(`${request.method} ${request.url} is not a call of an upload in parts`);
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => response.writeHead(400).end(error.message));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function base64(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => {
    bytes.writeUInt32BE(number, index * 4);
  });
  return bytes.toString('base64');
}
