import { isDeepStrictEqual } from 'node:util';
import { type Multipart, parseMultipart } from '../../../adapters/http/parse-multipart.ts';
import { statusOf } from '../../../adapters/http/rest.ts';
import { RequestError } from '../../../domain/errors.ts';
import { createRandom } from '../../chaos/random.ts';
import { encodeForm, FORMS } from './form.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateForm } from './mutate-form.ts';
import { formDataDiffers } from './node-form-data.ts';
import { type ReferenceForm, readForm } from './reference-parser.ts';

export interface BodyCase {
  readonly type: string;
  readonly body: Buffer;
}

/** The same for the same seed and index, whichever came before. */
export function bodyCase(seed: number, index: number): BodyCase {
  const random = createRandom(seed).fork(`body ${index}`);
  const form = random.pick(FORMS);
  const kind = random.whole(0, 2);
  const framed = kind === 0 ? form : mutateForm(form, random);
  const encoded = encodeForm(framed);
  return { type: framed.type, body: kind === 1 ? encoded : mutateBytes(encoded, random, framed.boundary) };
}

export interface BodyVerdict {
  readonly accepted: boolean;
  /** Compared with Node's own reader of forms as well. */
  readonly comparedTwice: boolean;
  readonly code?: string;
  /** What is wrong with how the body was taken; undefined where nothing is. */
  readonly wrong?: string;
}

/** Far more than any body takes: a parser that waits for what does not come is found, and not called slow. */
const NEVER_MS = 10_000;

/** @param alsoFormData whether Node's own reader is asked as well. */
export async function checkBody({ type, body }: BodyCase, alsoFormData: boolean): Promise<BodyVerdict> {
  const read = await parseMultipart(type, body, { settleMs: NEVER_MS }).catch((error: unknown) => error);
  if (!isMultipart(read)) return refusal(read);
  const differs = differenceFrom(() => readForm(type, body), read);
  const answer = alsoFormData && differs === undefined ? await formDataDiffers(read, type, body) : undefined;
  const wrong = differs ?? answer?.wrong;
  return { accepted: true, comparedTwice: answer?.compared === true, ...(wrong !== undefined && { wrong }) };
}

function isMultipart(read: unknown): read is Multipart {
  return typeof read === 'object' && read !== null && 'fields' in read;
}

function refusal(error: unknown): BodyVerdict {
  const verdict = { accepted: false, comparedTwice: false };
  if (!(error instanceof RequestError)) return { ...verdict, wrong: `threw ${String(error)}` };
  const { code, message } = error;
  const status = statusOf(code);
  if (status < 400 || status > 499) return { ...verdict, code, wrong: `answered ${status}` };
  if (!/^[A-Z].*\.$/s.test(message)) return { ...verdict, code, wrong: `says "${message}", which is no sentence` };
  if (/does not come to an end/.test(message)) return { ...verdict, code, wrong: 'did not settle' };
  return { ...verdict, code };
}

function differenceFrom(reference: () => ReferenceForm, ours: Multipart): string | undefined {
  let theirs: ReferenceForm;
  try {
    theirs = reference();
  } catch (error) {
    return `accepted what the second parser does not read: ${String(error)}`;
  }
  const fields = Object.fromEntries(ours.fields);
  if (!isDeepStrictEqual(fields, theirs.fields)) {
    return `fields ${JSON.stringify(fields)}, and ${JSON.stringify(theirs.fields)} by the second parser`;
  }
  if (ours.file?.filename !== theirs.file?.filename) {
    return `the file name ${JSON.stringify(ours.file?.filename)}, and ${JSON.stringify(theirs.file?.filename)} by the second parser`;
  }
  const same = ours.file === undefined || ours.file.bytes.equals(theirs.file!.bytes);
  return same ? undefined : 'other bytes of the file than the second parser';
}
