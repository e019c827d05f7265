import type { Json } from './synthesized.ts';

/** From each node to those that have to be there before it. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Which stack takes a value of which other one. Throws where nobody, or more than one stack, exports it. */
export function importsOf(stacks: Readonly<Record<string, Json>>): Graph {
  const exporters = new Map<string, string[]>();
  for (const [stack, { Outputs = {} }] of Object.entries(stacks)) {
    for (const { Export } of Object.values<Json>(Outputs)) {
      if (Export) exporters.set(Export.Name, [...(exporters.get(Export.Name) ?? []), stack]);
    }
  }
  const from = (name: string): string => {
    const found = exporters.get(name) ?? [];
    if (found.length !== 1) throw new Error(`${found.length} stacks export ${name}.`);
    return found[0]!;
  };
  return new Map(
    Object.entries(stacks).map(([stack, template]) => [
      stack,
      new Set(valuesOf(template, 'Fn::ImportValue').map((name) => from(name))),
    ]),
  );
}

/** Which resource of a template needs which other one, by what it says of it or by `DependsOn`. */
export function resourceGraph({ Resources }: Json): Graph {
  return new Map(
    Object.entries<Json>(Resources).map(([id, resource]) => {
      const named = [
        ...valuesOf(resource, 'Ref'),
        ...valuesOf(resource, 'Fn::GetAtt').map(([target]: Json) => target),
        ...valuesOf(resource, 'Fn::Sub').flatMap(namesInText),
        ...[resource.DependsOn ?? []].flat(),
      ];
      return [id, new Set(named.filter((name) => name in Resources))];
    }),
  );
}

function namesInText(argument: Json): string[] {
  const text: string = Array.isArray(argument) ? argument[0] : argument;
  return [...text.matchAll(/\$\{([A-Za-z0-9]+)(?:\.[^}]*)?\}/g)].map((match) => match[1]!);
}

/** The arguments of an intrinsic, wherever it stands. */
function valuesOf(value: Json, intrinsic: string): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries<Json>(value).flatMap(([key, inner]) =>
    key === intrinsic ? [inner, ...valuesOf(inner, intrinsic)] : valuesOf(inner, intrinsic),
  );
}

/** @returns an order in which each node comes after those that it needs. Throws naming the nodes of a cycle. */
export function orderOf(graph: Graph): string[] {
  const order: string[] = [];
  const left = new Map([...graph].map(([node, needs]) => [node, new Set(needs)]));
  while (left.size > 0) {
    const ready = [...left].filter(([, needs]) => needs.size === 0).map(([node]) => node);
    if (ready.length === 0) throw new Error(`They need each other: ${[...left.keys()].join(', ')}.`);
    for (const node of ready) left.delete(node);
    for (const needs of left.values()) for (const node of ready) needs.delete(node);
    order.push(...ready);
  }
  return order;
}
