/** Writes frames as rows of text while they come. */
import type { Frame } from '../analyzers/frame.js';
import type { Format } from './formats/format.js';
import type { Output } from './output.js';
import { rowsOf, type View } from './view.js';

/** Takes the next frame only when the reader of `output` has room; `atOnce` writes each frame when it is there. */
export async function writeFrames<Row>(
  frames: AsyncIterable<Frame>,
  view: View<Row>,
  format: Format,
  output: Output,
  atOnce = false,
): Promise<void> {
  await output.write(format.begin(view.columns));
  for await (const frame of frames) {
    await output.write(format.frame(rowsOf(view, frame)));
    if (atOnce) await output.flush();
  }
  await output.write(format.end());
  await output.flush();
}
