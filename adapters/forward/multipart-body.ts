import { randomUUID } from 'node:crypto';

/** A form whose last part is a file that is streamed: what stands before and after its bytes. */
export interface FormFrame {
  readonly contentType: string;
  readonly before: Buffer;
  readonly after: Buffer;
}

/** A boundary of 122 random bits cannot be in a file that was stored before. */
export function frameFile(fields: Readonly<Record<string, string>>, filename: string): FormFrame {
  const boundary = `form-${randomUUID()}`;
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const file = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="file"; filename="${quotable(filename)}"`,
    'Content-Type: application/octet-stream',
  ].join('\r\n');
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    before: Buffer.from(`${parts.join('')}${file}\r\n\r\n`),
    after: Buffer.from(`\r\n--${boundary}--\r\n`),
  };
}

/** As browsers write it: other escapes are read differently by different servers. */
function quotable(filename: string): string {
  return filename.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
