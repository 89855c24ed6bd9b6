/** Colours of the theme as the graphics want them. */

export type Rgb = readonly [number, number, number];

/** The colour of a token like `c0` or `ink`, each part 0 to 1. */
export function token(name: string, styles: CSSStyleDeclaration = getComputedStyle(document.documentElement)): Rgb {
  const hex = styles.getPropertyValue(`--${name}`).trim().replace("#", "");
  const part = (at: number): number => parseInt(hex.slice(at, at + 2), 16) / 255;
  return hex.length === 6 ? [part(0), part(2), part(4)] : [0.5, 0.5, 0.5];
}

export function tokens(names: readonly string[]): Rgb[] {
  const styles = getComputedStyle(document.documentElement);
  return names.map((name) => token(name, styles));
}
