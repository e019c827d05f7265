/** Why a template cannot be run here. Each of them is a difference between local and deployed that would else stay hidden. */
export type TemplateErrorCode =
  | 'unknown-section'
  | 'unknown-resource-type'
  | 'unknown-resource-attribute'
  | 'unknown-intrinsic'
  | 'unknown-reference'
  | 'unknown-attribute'
  | 'unknown-import'
  | 'unknown-condition'
  | 'unsupported-property'
  | 'invalid-property'
  | 'invalid-intrinsic'
  | 'missing-parameter'
  | 'missing-asset'
  | 'missing-permission'
  | 'circular-reference';

export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly code: TemplateErrorCode;
  /** `<stack>/Resources/<logical id>/Properties/…`, as in the template's JSON. */
  readonly path: string;

  constructor(code: TemplateErrorCode, path: string, problem: string, options?: ErrorOptions) {
    super(`${path}: ${problem}`, options);
    this.code = code;
    this.path = path;
  }
}
