/** Which kit draws: blessed-contrib's, loaded when charts are first shown; our own where it cannot. */
import type { Painter } from '../theme.js';
import type { ChartKit } from './chart.js';
import { plainKit } from './plain.js';

export class ChartLoader {
  #contrib: ((painter: Painter) => ChartKit) | undefined;
  #isLoading = false;
  readonly #onLoaded: () => void;

  constructor(onLoaded: () => void) {
    this.#onLoaded = onLoaded;
  }

  /** Its lines are told apart by colour only, and made of braille. */
  kit(painter: Painter): ChartKit {
    if (!painter.isUnicode || painter.theme.series1.fg === undefined) return plainKit(painter);
    if (this.#contrib !== undefined) return this.#contrib(painter);
    if (!this.#isLoading) void this.load();
    return plainKit(painter);
  }

  /** Resolves when it is there, or is known not to be. */
  async load(): Promise<void> {
    this.#isLoading = true;
    const loaded = await import('./contrib.js').catch(() => undefined);
    if (loaded === undefined) return;
    this.#contrib = loaded.contribKit;
    this.#onLoaded();
  }
}
