/** An `AWS::ApiGateway::Method` with its resource's full path and its integration, resolved. */
export interface RestRoute {
  /** An HTTP method, or ANY. */
  readonly method: string;
  /** As API Gateway writes it: `/public/sources/{source-uuid}`, `/files/{proxy+}`. */
  readonly path: string;
  readonly integration: RestIntegration;
}

export type RestIntegration =
  | { readonly type: 'AWS_PROXY'; readonly functionName: string }
  | {
      readonly type: 'MOCK';
      /** The method's `Integration`, as the template has it. */
      readonly integration: MockIntegrationProperties;
      /** The method's `MethodResponses`, as the template has them. */
      readonly methodResponses: readonly MethodResponseProperties[];
    };

export interface MockIntegrationProperties {
  readonly RequestTemplates?: Readonly<Record<string, string>>;
  readonly IntegrationResponses?: readonly {
    readonly StatusCode: string | number;
    readonly SelectionPattern?: string;
    readonly ResponseParameters?: Readonly<Record<string, string>>;
    readonly ResponseTemplates?: Readonly<Record<string, string>>;
  }[];
}

export interface MethodResponseProperties {
  readonly StatusCode: string | number;
  readonly ResponseParameters?: Readonly<Record<string, boolean>>;
}

export interface RouteMatch {
  readonly route: RestRoute;
  readonly pathParameters: Record<string, string> | null;
}

/**
 * Finds the resource first, the most specific one (a literal segment before a parameter before a greedy parameter), and
 * then its method: as in API Gateway, a resource without the method does not fall back to a less specific resource.
 */
export function createRouter(routes: readonly RestRoute[]): (method: string, path: string) => RouteMatch | undefined {
  const resources = [...Map.groupBy(routes, (route) => route.path)]
    .map(([path, methods]) => ({ methods, segments: path.split('/').slice(1), rank: rankOf(path) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return (method, path) => {
    const segments = path.split('/').slice(1);
    for (const resource of resources) {
      const pathParameters = matchSegments(resource.segments, segments);
      if (pathParameters === undefined) continue;
      const route =
        resource.methods.find((each) => each.method === method) ??
        resource.methods.find((each) => each.method === 'ANY');
      return route && { route, pathParameters: Object.keys(pathParameters).length === 0 ? null : pathParameters };
    }
    return undefined;
  };
}

/** One digit per segment, so that plain string order is the order of specificity. */
function rankOf(path: string): string {
  return path
    .split('/')
    .slice(1)
    .map((segment) => (segment.endsWith('+}') ? '2' : segment.startsWith('{') ? '1' : '0'))
    .join('');
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (part.endsWith('+}')) {
      const rest = segments.slice(index).join('/');
      if (rest === '') return undefined;
      parameters[part.slice(1, -2)] = decode(rest);
      return parameters;
    }
    if (part.startsWith('{')) {
      if (segment === '') return undefined;
      parameters[part.slice(1, -1)] = decode(segment);
    } else if (part !== decode(segment)) return undefined;
  }
  return pattern.length === segments.length ? parameters : undefined;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
