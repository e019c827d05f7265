/** A context value makes no sense; the message names it, and is all that whoever gave it has to read. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  readonly code = 'SETTING_REFUSED';
}
