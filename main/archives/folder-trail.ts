/** The folders that a row of names, one after the other, leads through. */
export class FolderTrail {
  #names: readonly string[] = [];

  /** Those on the way to a name, `/` between folders, that it was not in before; topmost first. */
  enter(name: string): readonly string[] {
    const names = name.split("/").slice(0, -1);
    const known = names.findIndex((each, index) => each !== this.#names[index]);
    this.#names = names;
    if (known === -1) return [];
    return names.slice(known).map((_, index) => names.slice(0, known + index + 1).join("/"));
  }
}
