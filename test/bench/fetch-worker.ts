import { systemClock } from '../../adapters/clock.ts';
import { openUrl } from '../../adapters/fetch/open-url.ts';
import { createS3Client } from '../../adapters/s3/client.ts';
import { createS3SourceFiles } from '../../adapters/s3/source-files.ts';
import { fetchSource } from '../../app/fetch-source.ts';

/** The fetch function's work in a process of its own, so that its memory is nobody else's. */

/** Message from the parent: what to fetch. */
export interface FetchJob {
  readonly url: string;
  readonly s3Url: string;
  readonly maxBytes: number;
  /** Where memory is looked at for the first time. */
  readonly markBytes: number;
}

/** Message to the parent, in bytes and milliseconds. */
export interface FetchFigures {
  readonly bytes: number;
  readonly milliseconds: number;
  /** The highest that there ever was, as the kernel has it. */
  readonly peakAtStart: number;
  readonly peakAtMark: number;
  readonly peakAtEnd: number;
}

const peak = () => process.resourceUsage().maxRSS * 1024;

async function work({ url, s3Url, maxBytes, markBytes }: FetchJob): Promise<FetchFigures> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = createS3Client({ region: 'us-east-1', endpoint: s3Url, forcePathStyle: true, credentials });
  const files = createS3SourceFiles({ client, bucket: 'bench' });
  const open = (address: string, signal: AbortSignal) =>
    openUrl(address, { allowHosts: ['127.0.0.1'], clock: systemClock, signal, maxBytes, deadlineMs: 3_600_000 });
  const source = { owner: '1', sourceUuid: '6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d', generation: 1, url };
  const peakAtStart = peak();
  let peakAtMark = 0;
  const startedAt = performance.now();
  const { bytes } = await fetchSource(
    { open, files, clock: systemClock },
    source,
    (progress) => {
      if (progress.bytes >= markBytes) peakAtMark ||= peak();
    },
    new AbortController().signal,
  );
  const milliseconds = performance.now() - startedAt;
  client.destroy();
  return { bytes, milliseconds, peakAtStart, peakAtMark, peakAtEnd: peak() };
}

process.once('message', async (job: FetchJob) => {
  process.send!(await work(job));
  process.disconnect();
});
