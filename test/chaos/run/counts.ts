/** How often what happened, by its name for people. */
export class Counts {
  readonly #counts = new Map<string, number>();

  /** @param what a name, or a name and a figure: `sockets cut: 12` */
  add(what: string): void {
    const [name = '', figure = '1'] = what.split(': ');
    this.#counts.set(name, this.of(name) + Number(figure));
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  all(): [string, number][] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  faults(): string {
    const names = ['kill subscriber', 'kill process', 'redis kill', 'redis lose', 'sockets dropped', 'burst'];
    return names.map((name) => `${this.of(name)} ${name}`).join(', ');
  }
}
