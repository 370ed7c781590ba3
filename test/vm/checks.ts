/** Counts what held and what did not, and says it at once. */
export class Checks {
  passed = 0;
  failed = 0;

  check(what: string, held: boolean): void {
    if (held) this.passed++;
    else this.failed++;
    console.log(`${held ? 'pass' : 'FAIL'}: ${what}`);
  }
}
