/** `*` is any number of characters, `?` exactly one; case counts, and the leading slash may be left out. */
export function matchesPathPattern(pattern: string, path: string): boolean {
  const rooted = pattern.startsWith('/') ? pattern : `/${pattern}`;
  const expression = rooted
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${expression}$`, 's').test(path);
}

/** The path that behaviours are chosen by: dot segments resolved (RFC 3986). The origin gets the path as it came. */
export function normalizePath(path: string): string {
  try {
    return new URL(`http://viewer${path}`).pathname;
  } catch {
    return path;
  }
}
