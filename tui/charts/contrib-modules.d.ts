/** What we use of blessed-contrib and its canvases; their own types describe neither. */

interface ContribContext {
  readonly _canvas: { frame(): string };
}

declare module 'drawille-canvas-blessed-contrib' {
  export class Canvas {
    /** In dots, or in cells where `kind` has cells. */
    constructor(width: number, height: number, kind?: unknown);
    getContext(): ContribContext;
  }
}

declare module 'ansi-term' {
  const kind: unknown;
  export default kind;
}

declare module 'blessed-contrib/lib/widget/charts/line.js' {
  export default class Line {
    setData(
      series: readonly {
        readonly x: readonly string[];
        readonly y: readonly number[];
        readonly style: { readonly line: number | string };
      }[],
    ): void;
  }
}

declare module 'blessed-contrib/lib/widget/charts/stacked-bar.js' {
  export default class StackedBar {
    setData(bars: {
      readonly barCategory: readonly string[];
      readonly stackedCategory: readonly string[];
      readonly data: readonly (readonly number[])[];
    }): void;
  }
}
