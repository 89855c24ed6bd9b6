/** What a column of a kit table is. */

export interface Column {
  readonly key: string;
  readonly label: string;
  readonly sort?: string; // the server's name of this order; the column can then be sorted
  readonly align?: "end";
  readonly wide?: boolean; // left out on narrow screens
  readonly extra?: boolean; // shown where there is room to spare
  readonly grow?: boolean; // takes what is left
}
