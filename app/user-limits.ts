import { RequestError, type RequestErrorCode } from '../domain/errors.ts';

/**
 * How much of the service one user may have at a time; 0: any. What there is is counted when more is asked for, in the records
 * themselves: no counter can drift away from them, or be left by a crash. The count is some moments old and taken before the
 * record is made, so that requests in the same moment may pass a limit by as many as they are.
 */
export interface UserLimits {
  /** Used within the last 24 h. */
  readonly channels: number;
  /** Open. */
  readonly sockets: number;
  /** Accepted and not ended. */
  readonly uploads: number;
}

const REFUSALS = {
  channels: {
    code: 'too-many-channels',
    sentence: (most: number) =>
      `You have ${most} channels, the most at a time: upload to one of them again, or wait until one has not been used for 24 h.`,
  },
  sockets: {
    code: 'too-many-sockets',
    sentence: (most: number) => `You have ${most} sockets open, the most at a time: close one, then connect again.`,
  },
  uploads: {
    code: 'too-many-uploads',
    sentence: (most: number) =>
      `You have ${most} sources under way, the most at a time: send this one again when one of them has ended, or cancel one.`,
  },
} as const satisfies Record<keyof UserLimits, { code: RequestErrorCode; sentence: (most: number) => string }>;

/**
 * @param count how many there are; may stop at `most`.
 * @returns why one more is refused; undefined: it is not.
 */
export async function refusalOfOneMore(
  limits: UserLimits,
  what: keyof UserLimits,
  count: (most: number) => Promise<number>,
): Promise<RequestError | undefined> {
  const most = limits[what];
  if (most === 0 || (await count(most)) < most) return undefined;
  const { code, sentence } = REFUSALS[what];
  return new RequestError(code, sentence(most));
}
