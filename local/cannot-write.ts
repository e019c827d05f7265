/** Why a system refuses, and what to do, by the code of Node's error. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES:
    'it, or the folder around it, is not yours, as after a start with sudo. Make it yours with chown, or remove it.',
  EPERM: 'the system does not let you. Make it yours with chown, or work on a copy of your own.',
  EROFS: 'its file system is read-only. Work on a copy where you may write.',
  EEXIST: 'a file of this name is in the way. Move it elsewhere.',
  ENOTDIR: 'a file is where a folder has to be. Move it elsewhere.',
  ENOSPC: 'there is no space left. Delete something.',
  EDQUOT: 'there is no space left for you. Delete something.',
};

/** A folder that state is kept in does not take it. `message` is a sentence for the person who typed the command. */
export class CannotWriteError extends Error {
  override readonly name = 'CannotWriteError';
  readonly code = 'CANNOT_WRITE';
}

/** @returns undefined where the error is about something else. */
export function cannotWrite(error: unknown, place?: string): CannotWriteError | undefined {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const [reason, where] = [REASONS[code ?? ''], place ?? path];
  if (reason === undefined || where === undefined) return undefined;
  return new CannotWriteError(`Cannot write to ${where}: ${reason}`, { cause: error });
}
