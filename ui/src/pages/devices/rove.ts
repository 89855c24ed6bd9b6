/** One stop of the Tab key for many marks of a picture: arrows go from one to the next. */
export function rove(group: SVGElement): () => void {
  const press = (event: KeyboardEvent): void => {
    const marks = [...group.querySelectorAll<SVGElement>("[role=button]")];
    const at = marks.indexOf(event.target as SVGElement);
    const moves: Readonly<Record<string, number>> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: marks.length - 1 };
    const to = moves[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    marks[Math.max(0, Math.min(marks.length - 1, to))]?.focus();
  };
  group.addEventListener("keydown", press);
  return () => group.removeEventListener("keydown", press);
}
