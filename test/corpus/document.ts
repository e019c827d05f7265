import type { FailureCode } from '../../domain/errors.ts';

/** A document as an office program or a library writes it, and all that is to be taken from it. */
export interface CorpusDocument {
  readonly about: string;
  readonly filename: string;
  readonly bytes: Buffer;
  readonly mediaType: string;
  /** The whole of it. */
  readonly text: string;
  readonly title?: string;
  readonly pages?: number;
}

export interface UnreadableDocument {
  readonly about: string;
  readonly filename: string;
  readonly bytes: Buffer;
  readonly code: FailureCode;
  /** A word that its sentence has. */
  readonly says?: string;
}
