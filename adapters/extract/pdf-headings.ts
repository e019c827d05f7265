/** A node of the tree that a PDF with tags has beside its pages: what is what, by the ids of pieces of content. */
export interface PdfTag {
  readonly role?: string;
  readonly type?: string;
  readonly id?: string;
  readonly children?: readonly PdfTag[];
}

/** What is marked on a page as a heading: the level of each by the id of its content. */
export type PdfHeadings = ReadonlyMap<string, number>;

const HEADING = /^H([1-6]?)$/;

/** @returns the headings in the tree of a page. One level is meant by an H without a number, and by the title of the whole. */
export function headingsIn(tree: PdfTag | null | undefined): PdfHeadings {
  const headings = new Map<string, number>();
  const open: { readonly tag: PdfTag; readonly level: number | undefined }[] = tree
    ? [{ tag: tree, level: undefined }]
    : [];
  for (let next = open.pop(); next; next = open.pop()) {
    const { role = '', id, children = [] } = next.tag;
    const level = role === 'Title' ? 1 : HEADING.test(role) ? Number(HEADING.exec(role)![1] || 1) : next.level;
    if (id !== undefined && level !== undefined) headings.set(id, level);
    for (const tag of children) open.push({ tag, level });
  }
  return headings;
}
