import type { IncomingMessage } from 'node:http';

/** The template asks for something of API Gateway that is not simulated: better no start than a silent difference. */
export class UnsupportedMappingError extends Error {
  readonly code = 'UNSUPPORTED_MAPPING';

  constructor(what: string) {
    super(`Not simulated here: ${what}`);
    this.name = 'UnsupportedMappingError';
  }
}

export type HeaderMapping = (request: IncomingMessage) => readonly [name: string, value: string] | undefined;

/**
 * Compiles `{"<prefix>X": "'value'"}` of a template's ResponseParameters.
 * A value is a quoted literal or `method.request.header.<name>`; a header that the request lacks is left out.
 */
export function compileHeaderMappings(parameters: Readonly<Record<string, string>>, prefix: string): HeaderMapping[] {
  return Object.entries(parameters).map(([target, source]) => {
    if (!target.startsWith(prefix)) throw new UnsupportedMappingError(`response parameter ${target}`);
    const name = target.slice(prefix.length);
    const literal = /^'(.*)'$/s.exec(source);
    if (literal) return () => [name, literal[1]!];
    const header = /^method\.request\.header\.([\w-]+)$/.exec(source);
    if (!header) throw new UnsupportedMappingError(`the value ${source} of response parameter ${target}`);
    return (request) => {
      const value = request.headers[header[1]!.toLowerCase()];
      return typeof value === 'string' ? [name, value] : undefined;
    };
  });
}
