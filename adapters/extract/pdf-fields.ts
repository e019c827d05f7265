/** What was filled in or written onto a page, beside its content: a field of a form, or a text that somebody put there. */
export interface PdfField {
  readonly text: string;
  /** Left, bottom, right, top. */
  readonly rect: readonly [number, number, number, number];
}

/** What the PDF library says of an annotation of a page, as far as it is of use; none of it is sure. */
export interface PdfAnnotation {
  readonly subtype?: unknown;
  readonly fieldType?: unknown;
  readonly fieldValue?: unknown;
  readonly options?: unknown;
  readonly annotationFlags?: unknown;
  readonly hidden?: unknown;
  readonly password?: unknown;
  readonly checkBox?: unknown;
  readonly radioButton?: unknown;
  readonly exportValue?: unknown;
  readonly buttonValue?: unknown;
  readonly contentsObj?: { readonly str?: unknown };
  readonly textContent?: unknown;
  readonly rect?: unknown;
}

/** Not to be seen at all, and not to be seen on a screen: bits 2 and 6 of the flags. */
const UNSEEN_FLAGS = 0b10_0010;

/** A box that is ticked, as in a list of tasks. */
const TICKED = '[x]';

/** @returns what can be seen on the page: a field that is hidden or empty is none, nor is a password. */
export function fieldsIn(annotations: readonly PdfAnnotation[]): PdfField[] {
  return annotations.flatMap((annotation) => {
    const { rect } = annotation;
    if (!isRectangle(rect) || isUnseen(annotation)) return [];
    const text = textOf(annotation)
      .replace(/\r\n?/g, '\n')
      .replace(/[^\S\n]+/g, ' ')
      .trim();
    return text === '' ? [] : [{ text, rect }];
  });
}

function isRectangle(rect: unknown): rect is PdfField['rect'] {
  return Array.isArray(rect) && rect.length === 4 && rect.every((each) => Number.isFinite(each));
}

function isUnseen({ annotationFlags, hidden, password }: PdfAnnotation): boolean {
  return hidden === true || password === true || (Number(annotationFlags) & UNSEEN_FLAGS) !== 0;
}

function textOf(annotation: PdfAnnotation): string {
  if (annotation.subtype === 'FreeText') return freeTextOf(annotation);
  if (annotation.subtype !== 'Widget') return '';
  const { fieldType, fieldValue } = annotation;
  if (fieldType === 'Tx') return typeof fieldValue === 'string' ? fieldValue : '';
  if (fieldType === 'Ch') return choiceOf(annotation);
  return isTicked(annotation) ? TICKED : '';
}

function freeTextOf({ contentsObj, textContent }: PdfAnnotation): string {
  if (typeof contentsObj?.str === 'string' && contentsObj.str.trim() !== '') return contentsObj.str;
  return Array.isArray(textContent) ? textContent.join('\n') : '';
}

/** What is stored of a choice may be a number or a short name: what can be seen is beside it. */
function choiceOf({ fieldValue, options }: PdfAnnotation): string {
  if (!Array.isArray(fieldValue)) return '';
  const shown = new Map(
    (Array.isArray(options) ? options : []).map(({ exportValue, displayValue }) => [exportValue, displayValue]),
  );
  return fieldValue.map((value) => shown.get(value) ?? value).join(', ');
}

function isTicked({ fieldType, fieldValue, checkBox, radioButton, exportValue, buttonValue }: PdfAnnotation): boolean {
  if (fieldType !== 'Btn' || typeof fieldValue !== 'string' || fieldValue === 'Off') return false;
  return checkBox === true ? fieldValue === exportValue : radioButton === true && fieldValue === buttonValue;
}
