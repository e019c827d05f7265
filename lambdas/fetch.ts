import { systemClock } from '../adapters/clock.ts';
import { answerFetch } from '../adapters/lambda/fetch-protocol.ts';
import * as wire from './wiring.ts';

const ports = {
  open: wire.openUrl(),
  sources: wire.sources(),
  files: wire.files(),
  clock: systemClock,
  log: wire.log(),
};

/** Invoked by process, outside the VPC: it reaches the internet and nothing private. The answer is streamed, line by line. */
export const handler = awslambda.streamifyResponse(async (event: unknown, answer: awslambda.HttpResponseStream) => {
  answer.setContentType('application/x-ndjson');
  await answerFetch(ports, event, (line) => answer.write(line));
  answer.end();
});
