import { NO_VALUE, resolve, type Scope, truth } from './intrinsics.ts';
import { parseProperties } from './properties.ts';
import type { AnyResourceType, Environment, Resource } from './resource-type.ts';
import type { OutputEntry, StackTemplate } from './stack-template.ts';
import { TemplateError } from './template-error.ts';

export interface StackScopeOptions {
  readonly name: string;
  readonly template: StackTemplate;
  readonly environment: Environment;
  readonly types: ReadonlyMap<string, AnyResourceType>;
  /** Looks in the exports of every stack. */
  importValue(exportName: string, path: string): unknown;
}

/**
 * The names of one stack. Everything is resolved when it is first asked for, and kept: the order of the resources
 * then follows from who refers to whom, and a circle is found on the way.
 */
export class StackScope implements Scope {
  readonly region: string;
  readonly #options: StackScopeOptions;
  readonly #resources = new Map<string, Resource>();
  readonly #underway: string[] = [];

  constructor(options: StackScopeOptions) {
    this.#options = options;
    this.region = options.environment.region;
  }

  /** The resources that exist: all but those whose condition is false. */
  resources(): Resource[] {
    const { name, template } = this.#options;
    return Object.entries(template.Resources)
      .filter(([id, { Condition }]) => !Condition || this.condition(Condition, `${name}/Resources/${id}/Condition`))
      .map(([id]) => this.#resource(id, `${name}/Resources/${id}`));
  }

  outputs(): Map<string, unknown> {
    return new Map(this.#existingOutputs().map(([id, output]) => [id, this.#outputValue(id, output)]));
  }

  /** The names of exports are resolved at once, their values when they are imported: stacks may be read in any order. */
  exports(): Map<string, () => unknown> {
    const exports = new Map<string, () => unknown>();
    for (const [id, output] of this.#existingOutputs()) {
      if (!output.Export) continue;
      const name = resolve(output.Export.Name, this, `${this.#options.name}/Outputs/${id}/Export/Name`);
      exports.set(String(name), () => this.#outputValue(id, output));
    }
    return exports;
  }

  ref(name: string, path: string): unknown {
    const pseudo = this.#pseudoParameter(name);
    if (pseudo !== undefined) return pseudo;
    if (Object.hasOwn(this.#options.template.Parameters, name)) return this.#parameter(name, path);
    return this.#resource(name, path).ref;
  }

  attribute(logicalId: string, attribute: string, path: string): unknown {
    const resource = this.#resource(logicalId, path);
    const type = this.#options.types.get(resource.type)!;
    if (!Object.hasOwn(type.attributes, attribute)) {
      const problem = `attribute ${attribute} of ${resource.type} is not supported by the local runtime`;
      throw new TemplateError('unknown-attribute', path, problem);
    }
    return type.attributes[attribute]!(resource);
  }

  importValue(exportName: string, path: string): unknown {
    return this.#options.importValue(exportName, path);
  }

  condition(name: string, path: string): boolean {
    const { name: stack, template } = this.#options;
    if (!Object.hasOwn(template.Conditions, name))
      throw new TemplateError('unknown-condition', path, `no condition ${name}`);
    return this.#guard(`condition ${name}`, path, () =>
      truth(template.Conditions[name], this, `${stack}/Conditions/${name}`),
    );
  }

  mapping(map: string, first: string, second: string, path: string): unknown {
    const value = this.#options.template.Mappings[map]?.[first]?.[second];
    if (value === undefined)
      throw new TemplateError('unknown-reference', path, `no mapping ${map} / ${first} / ${second}`);
    return value;
  }

  #existingOutputs(): [string, OutputEntry][] {
    const { name, template } = this.#options;
    return Object.entries(template.Outputs).filter(
      ([id, { Condition }]) => !Condition || this.condition(Condition, `${name}/Outputs/${id}/Condition`),
    );
  }

  #outputValue(id: string, output: OutputEntry): unknown {
    return resolve(output.Value, this, `${this.#options.name}/Outputs/${id}/Value`);
  }

  #pseudoParameter(name: string): unknown {
    const { accountId, region, partition, urlSuffix } = this.#options.environment;
    const stack = this.#options.name;
    switch (name) {
      case 'AWS::Region':
        return region;
      case 'AWS::AccountId':
        return accountId;
      case 'AWS::Partition':
        return partition;
      case 'AWS::URLSuffix':
        return urlSuffix;
      case 'AWS::StackName':
        return stack;
      case 'AWS::StackId':
        return `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stack}/local`;
      case 'AWS::NoValue':
        return NO_VALUE;
      default:
        return undefined;
    }
  }

  #parameter(name: string, path: string): unknown {
    const parameter = this.#options.template.Parameters[name]!;
    // The value of an SSM parameter is not known before the deployment.
    if (parameter.Default === undefined || parameter.Type.startsWith('AWS::SSM::')) {
      throw new TemplateError(
        'missing-parameter',
        path,
        `parameter ${name} has no default that the local runtime could use`,
      );
    }
    return parameter.Default;
  }

  #resource(id: string, path: string): Resource {
    const known = this.#resources.get(id);
    if (known) return known;
    const resource = this.#guard(id, path, () => this.#evaluate(id, path));
    this.#resources.set(id, resource);
    return resource;
  }

  #evaluate(id: string, referrer: string): Resource {
    const { name: stack, template, types, environment } = this.#options;
    if (!Object.hasOwn(template.Resources, id))
      throw new TemplateError('unknown-reference', referrer, `nothing is called ${id}`);
    const entry = template.Resources[id]!;
    const path = `${stack}/Resources/${id}`;
    const type = types.get(entry.Type);
    if (!type)
      throw new TemplateError('unknown-resource-type', path, `${entry.Type} is not supported by the local runtime`);
    if (entry.Condition && !this.condition(entry.Condition, `${path}/Condition`)) {
      throw new TemplateError('unknown-reference', referrer, `${id} does not exist: its condition is false`);
    }
    for (const dependency of [entry.DependsOn ?? []].flat()) this.#checkDependency(dependency, `${path}/DependsOn`);
    const properties = parseProperties(
      type,
      resolve(entry.Properties ?? {}, this, `${path}/Properties`),
      `${path}/Properties`,
    );
    const draft = {
      stack,
      logicalId: id,
      type: entry.Type,
      path,
      environment,
      properties,
      metadata: entry.Metadata ?? {},
    };
    return { ...draft, ref: type.ref(draft) };
  }

  /** CloudFormation refuses a circle through `DependsOn` as it does one through references. */
  #checkDependency(id: string, path: string): void {
    const entry = this.#options.template.Resources[id];
    if (!entry) throw new TemplateError('unknown-reference', path, `nothing is called ${id}`);
    if (!entry.Condition || this.condition(entry.Condition, path)) this.#resource(id, path);
  }

  #guard<T>(name: string, path: string, evaluate: () => T): T {
    if (this.#underway.includes(name)) {
      throw new TemplateError('circular-reference', path, [...this.#underway, name].join(' → '));
    }
    this.#underway.push(name);
    try {
      return evaluate();
    } finally {
      this.#underway.pop();
    }
  }
}
