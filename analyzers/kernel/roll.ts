/** What has a place in a roll. */
interface Listed {
  place: number;
}

/**
 * Rows of a frame in the order in which their owners came. Most of them are those of the frame before: then the list is copied,
 * and nobody is asked.
 */
export class Roll<Row, Owner extends Listed> {
  private readonly rows: (Row | undefined)[] = [];
  private readonly owners: (Owner | undefined)[] = [];
  private holes = 0;

  add(owner: Owner): void {
    owner.place = this.owners.push(owner) - 1;
    this.rows.push(undefined);
  }

  remove({ place }: Owner): void {
    this.owners[place] = undefined;
    this.rows[place] = undefined;
    if (++this.holes * 2 > this.owners.length) this.close();
  }

  /** The owner has a row of its own making for this frame. */
  set({ place }: Owner, row: Row): void {
    this.rows[place] = row;
  }

  /** The rows of all, which have been set. */
  list(): Row[] {
    return this.holes === 0 ? (this.rows as Row[]).slice() : this.rows.filter((row) => row !== undefined);
  }

  private close(): void {
    let place = 0;
    for (const [at, owner] of this.owners.entries()) {
      if (owner === undefined) continue;
      owner.place = place;
      this.owners[place] = owner;
      this.rows[place++] = this.rows[at];
    }
    this.owners.length = place;
    this.rows.length = place;
    this.holes = 0;
  }
}
