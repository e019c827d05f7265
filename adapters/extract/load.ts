/** Loads a part of the program that not every document needs. What it throws is not the document's doing. */
export type Load = <Part>(importing: () => Promise<Part>) => Promise<Part>;
