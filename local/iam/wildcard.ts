/** As IAM writes patterns: `*` stands for any characters, `?` for one. */
export function wildcard(pattern: string, flags = ''): RegExp {
  const expression = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, `s${flags}`);
}
