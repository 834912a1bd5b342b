/** The smallest event source: named events of one value each. */

export class Events<Map extends object> {
  private readonly listeners = new Set<[keyof Map, (value: never) => void]>();

  /** Hear of an event; what it gives back stops that. */
  on<Name extends keyof Map>(name: Name, listener: (value: Map[Name]) => void): () => void {
    const entry: [keyof Map, (value: never) => void] = [name, listener];
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  }

  protected emit<Name extends keyof Map>(name: Name, value: Map[Name]): void {
    for (const [wanted, listener] of [...this.listeners]) {
      if (wanted === name) (listener as (value: Map[Name]) => void)(value);
    }
  }

  protected hasListeners(name: keyof Map): boolean {
    return [...this.listeners].some(([wanted]) => wanted === name);
  }
}
