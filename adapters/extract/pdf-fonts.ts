/** What the PDF library cannot read of a font makes one without letters of it. It says so in a warning, and nowhere else. */
const UNREADABLE = /^Warning: loadFont - (?:preEvaluateFont|translateFont) failed/;

/**
 * Reads while the library's warnings are listened to; they go no further. Only for a process that reads one document at
 * a time.
 * @param read is told how to ask whether there was a font until now that could not be read.
 */
export async function watchingFonts<T>(read: (isFontUnreadable: () => boolean) => Promise<T>): Promise<T> {
  const { warn } = console;
  let isUnreadable = false;
  console.warn = (message: unknown) => {
    isUnreadable ||= typeof message === 'string' && UNREADABLE.test(message);
  };
  try {
    return await read(() => isUnreadable);
  } finally {
    console.warn = warn;
  }
}
