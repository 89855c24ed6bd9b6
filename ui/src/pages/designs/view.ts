/** What of a drawing is seen: moved and enlarged by pointer, wheel and keys. */

export interface View {
  readonly x: number; // of the drawing, at the left edge of the frame
  readonly y: number;
  readonly scale: number; // pixels of the frame for one of the drawing
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const LEAST = 0.15;
const MOST = 4;
const ROOMY = 1.5;

/** The whole drawing in the middle of the frame, enlarged a little at most. */
export function whole(drawing: Size, frame: Size): View {
  const scale = Math.max(LEAST, Math.min(ROOMY, frame.width / drawing.width, frame.height / drawing.height));
  return {
    scale,
    x: (drawing.width - frame.width / scale) / 2,
    y: (drawing.height - frame.height / scale) / 2,
  };
}

/** Readable, with the point (x, y) of the drawing in the middle. */
export function centred(view: View, frame: Size, x: number, y: number): View {
  return { ...view, x: x - frame.width / view.scale / 2, y: y - frame.height / view.scale / 2 };
}

/** Nearer or farther, while the point under (px, py) of the frame stays where it is. */
export function zoomed(view: View, by: number, px: number, py: number): View {
  const scale = Math.max(LEAST, Math.min(MOST, view.scale * by));
  return { scale, x: view.x + px / view.scale - px / scale, y: view.y + py / view.scale - py / scale };
}

/** Moved by pixels of the frame. */
export function panned(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale };
}

/** The first view of a drawing: whole if gates can be read then, else about the focus. */
export function first(drawing: Size, frame: Size, focus: { readonly x: number; readonly y: number } | undefined): View {
  const all = whole(drawing, frame);
  if (all.scale >= 0.6 || !focus) return all;
  return centred({ ...all, scale: 0.75 }, frame, focus.x, focus.y);
}
