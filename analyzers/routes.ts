import type { Batch } from '../native/types.js';
import { type Handler, type Interest, inOrder } from './analyzer.js';

/** How many handlers the loop below has calls of their own for, and nothing. */
const CALLS = 20;
/** Likewise of pairs. */
const PAIR_CALLS = 4;

/** Instead of an index of event name. */
const NONE = -1;

const ignore: Handler = () => {};

/**
 * Which handler takes an event, by its index of name. Handlers of frequent events have calls of their own in the loop, so
 * that the compiler knows what is called there; of the others it knows nothing, and there is no need.
 */
export class Routes {
  /** Numbers of the handlers in the order of attaching; by event name and by beginning of names, who is interested. */
  private readonly interests: number[] = [];
  private readonly byName = new Map<string, number[]>();
  private readonly byBeginning = new Map<string, number[]>();
  private readonly frequent: Handler[] = [ignore];
  private readonly others: Handler[] = [];
  private readonly combined = new Map<string, number>();
  /** By index of event name: number of its handler; 0 for none. */
  private readonly routes: number[] = [];
  /** By index of event name: the one that it is a pair with where that comes next, or NONE; and number of the pair's handler. */
  private readonly seconds: number[] = [];
  private readonly pairRoutes: number[] = [];
  private readonly pairHandlers: Handler[] = [];
  /** By index of interest: what it takes in pairs. */
  private readonly pairs: (PairRoute | undefined)[] = [];
  /** By event name that is an analyzer's only: its index. */
  private readonly sole = new Map<string, number>();
  /** By name of the second event: index of the first. */
  private readonly firsts = new Map<string, number>();

  /** How many event names are known. */
  get length(): number {
    return this.routes.length;
  }

  /** An analyzer takes events from now on; those that several take go to them in this order. */
  attach<A>(analyzer: A, interests: readonly Interest<A>[]): void {
    for (const { events, frequent, handle, pair } of interests) {
      if (handle === undefined) continue;
      const interest = this.interests.push(this.register(handle(analyzer), frequent)) - 1;
      if (pair !== undefined && this.pairHandlers.length < PAIR_CALLS) {
        const route = this.pairHandlers.push(pair.handle(analyzer)) - 1;
        this.pairs[interest] = { second: pair.second, route };
      }
      for (const pattern of events) {
        if (pattern.endsWith('*')) append(this.byBeginning, pattern.slice(0, -1), interest);
        else append(this.byName, pattern, interest);
      }
    }
  }

  /** The next event name. */
  add(event: string): void {
    const interested = new Set(this.byName.get(event));
    for (const [beginning, interests] of this.byBeginning) {
      if (event.startsWith(beginning)) for (const interest of interests) interested.add(interest);
    }
    const numbers = [...interested].sort((a, b) => a - b).map((interest) => this.interests[interest]!);
    const index = this.routes.push(numbers.length < 2 ? (numbers[0] ?? 0) : this.combine(numbers)) - 1;
    this.seconds.push(NONE);
    this.pairRoutes.push(0);
    if (interested.size === 1) this.addSole(event, index, this.pairs[[...interested][0]!]);
  }

  /** The event is an analyzer's only, which may take it in pairs. */
  private addSole(event: string, index: number, pair: PairRoute | undefined): void {
    this.sole.set(event, index);
    if (pair !== undefined) {
      const second = pair.second(event);
      this.pairRoutes[index] = pair.route;
      this.seconds[index] = this.sole.get(second) ?? NONE;
      this.firsts.set(second, index);
    }
    const first = this.firsts.get(event);
    if (first !== undefined) this.seconds[first] = index;
  }

  private register(handler: Handler, frequent = false): number {
    if (frequent && this.frequent.length < CALLS) return this.frequent.push(handler) - 1;
    return CALLS + this.others.push(handler) - 1;
  }

  private combine(numbers: readonly number[]): number {
    const key = numbers.join(' ');
    let number = this.combined.get(key);
    if (number === undefined) {
      const handlers = numbers.map((one) => (one < CALLS ? this.frequent[one]! : this.others[one - CALLS]!));
      number = this.register(inOrder(handlers));
      this.combined.set(key, number);
    }
    return number;
  }

  /** The hot loop: has the rows [from, to) of the batch handled, all of them of one host. */
  run({ event, cpu }: Batch, from: number, to: number): void {
    const { routes, seconds, pairRoutes, frequent, pairHandlers, others } = this;
    const [p0 = ignore, p1 = ignore, p2 = ignore, p3 = ignore] = pairHandlers;
    const [
      ,
      h1 = ignore,
      h2 = ignore,
      h3 = ignore,
      h4 = ignore,
      h5 = ignore,
      h6 = ignore,
      h7 = ignore,
      h8 = ignore,
      h9 = ignore,
      h10 = ignore,
      h11 = ignore,
      h12 = ignore,
      h13 = ignore,
      h14 = ignore,
      h15 = ignore,
      h16 = ignore,
      h17 = ignore,
      h18 = ignore,
      h19 = ignore,
    ] = frequent;
    const last = to - 1;
    for (let row = from; row < to; row++) {
      const index = event[row]!;
      const second = seconds[index]!;
      if (second !== NONE && row < last && event[row + 1] === second && cpu[row + 1] === cpu[row]) {
        switch (pairRoutes[index]!) {
          case 0:
            p0(row++);
            break;
          case 1:
            p1(row++);
            break;
          case 2:
            p2(row++);
            break;
          default:
            p3(row++);
        }
        continue;
      }
      const route = routes[index]!;
      switch (route) {
        case 0:
          break;
        case 1:
          h1(row);
          break;
        case 2:
          h2(row);
          break;
        case 3:
          h3(row);
          break;
        case 4:
          h4(row);
          break;
        case 5:
          h5(row);
          break;
        case 6:
          h6(row);
          break;
        case 7:
          h7(row);
          break;
        case 8:
          h8(row);
          break;
        case 9:
          h9(row);
          break;
        case 10:
          h10(row);
          break;
        case 11:
          h11(row);
          break;
        case 12:
          h12(row);
          break;
        case 13:
          h13(row);
          break;
        case 14:
          h14(row);
          break;
        case 15:
          h15(row);
          break;
        case 16:
          h16(row);
          break;
        case 17:
          h17(row);
          break;
        case 18:
          h18(row);
          break;
        case 19:
          h19(row);
          break;
        default:
          others[route - CALLS]!(row);
      }
    }
  }
}

/** What an interest takes in pairs: the second event's name, and number of the handler. */
interface PairRoute {
  readonly second: (first: string) => string;
  readonly route: number;
}

function append(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
