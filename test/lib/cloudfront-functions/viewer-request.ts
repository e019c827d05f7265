import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

export interface ViewerRequest {
  readonly method?: string;
  readonly uri: string;
  readonly querystring: Record<string, { value: string; multiValue?: { value: string }[] }>;
  readonly headers: Record<string, { value: string }>;
}

/** Runs the source of a CloudFront function with nothing around it, as CloudFront does. */
export function runFunction(file: string, request: ViewerRequest, values: Readonly<Record<string, string>> = {}) {
  let code = readFileSync(new URL(`../../../lib/cloudfront-functions/${file}`, import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(values)) code = code.replaceAll(`%${name}%`, value);
  const answer = runInNewContext(`${code};JSON.stringify(handler(${JSON.stringify({ version: '1.0', request })}))`);
  return JSON.parse(answer);
}
