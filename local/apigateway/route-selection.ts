import { UnsupportedMappingError } from './parameter-mapping.ts';

/** Routes that API Gateway takes by itself; a message cannot name them. */
const PREDEFINED = new Set(['$connect', '$disconnect', '$default']);

/**
 * Compiles `$request.body.<property>[.<property>…]`.
 * @returns the route key for a message; undefined where neither a route nor `$default` takes it.
 */
export function createRouteSelector(
  expression: string,
  routeKeys: readonly string[],
): (message: string) => string | undefined {
  const path = /^\$(?:request\.body\.([\w.-]+)|\{request\.body\.([\w.-]+)\})$/.exec(expression);
  if (!path) throw new UnsupportedMappingError(`the route selection expression ${expression}`);
  const properties = (path[1] ?? path[2]!).split('.');
  const selectable = new Set(routeKeys.filter((key) => !PREDEFINED.has(key)));
  const fallback = routeKeys.includes('$default') ? '$default' : undefined;
  return (message) => {
    const key = select(message, properties);
    return key !== undefined && selectable.has(key) ? key : fallback;
  };
}

function select(message: string, properties: readonly string[]): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return undefined;
  }
  for (const property of properties) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, property)) return undefined;
    value = (value as Record<string, unknown>)[property];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
