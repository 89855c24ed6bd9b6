/** Which rows of a long list are in view. */

export interface View {
  readonly rows: number;
  readonly top: number; // pixels scrolled
  readonly height: number; // pixels of the frame
  readonly tall: number; // pixels of a row
  readonly ahead: number; // rows drawn beyond each edge
}

/** Rows [from, to) to draw. Short lists are drawn whole: the browser can then search in them. */
export function visible(view: View, whole = 300): { from: number; to: number } {
  if (view.rows <= whole) return { from: 0, to: view.rows };
  const first = Math.floor(view.top / view.tall) - view.ahead;
  const count = Math.ceil(view.height / view.tall) + 2 * view.ahead;
  const from = Math.max(0, Math.min(first, view.rows - count));
  return { from, to: Math.min(view.rows, from + count) };
}
