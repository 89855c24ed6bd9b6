/** Colours of the scene, taken from the tokens of the theme. */

import type { Palette, Rgb } from "./renderer";

/** Tone classes in the order of kinds; legend, table and picture share it. */
export const KIND_TONES = ["c0", "c2", "c4", "c5", "c3", "c6", "c7", "c8", "c9"] as const;
export const TYPE_TONES = ["c1", "c6", "c3", "c4", "c8", "c2", "c7", "c0", "c9"] as const;

export function tone(layer: number, kind: number): string {
  const tones = layer === 0 ? KIND_TONES : TYPE_TONES;
  return tones[kind % tones.length] ?? "c9";
}

function rgb(styles: CSSStyleDeclaration, token: string): Rgb {
  const hex = styles.getPropertyValue(`--${token}`).trim().replace("#", "");
  const part = (at: number): number => parseInt(hex.slice(at, at + 2), 16) / 255;
  return hex.length === 6 ? [part(0), part(2), part(4)] : [0.5, 0.5, 0.5];
}

export function palette(): Palette {
  const styles = getComputedStyle(document.documentElement);
  const all = (layer: number): Rgb[] => Array.from({ length: 32 }, (_, kind) => rgb(styles, tone(layer, kind)));
  return { kinds: all(0), types: all(1), ink: rgb(styles, "ink"), line: rgb(styles, "line-strong"), plane: rgb(styles, "sunken") };
}
