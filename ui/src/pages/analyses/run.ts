/** What a person typed for the parameters of an analysis, checked before it is sent. */

import type { ParameterOut, Value } from "../../api/shapes";
import { plain } from "../../format/cells";

export type Given = Record<string, string>;

/** The choices of a parameter that has a few: the API writes them `a | b`. */
export function choices(parameter: ParameterOut): readonly string[] {
  if (typeof parameter.default === "boolean") return ["true", "false"];
  return parameter.unit.includes(" | ") ? parameter.unit.split(" | ") : [];
}

/** Whether `text` cannot be the parameter's value. */
export function fault(parameter: ParameterOut, text: string): boolean {
  if (typeof parameter.default !== "number") return false;
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) return true;
  const { low, high } = parameter;
  return (typeof low === "number" && value < low) || (typeof high === "number" && value > high);
}

/** The parameters that differ from their defaults, as the API takes them. */
export function changed(parameters: readonly ParameterOut[], given: Given): Record<string, Value> {
  const entries = parameters.flatMap((one) => {
    const text = given[one.name];
    return text === undefined || text === plain(one.default) ? [] : [[one.name, typed(one.default, text)] as const];
  });
  return Object.fromEntries(entries);
}

function typed(like: Value, text: string): Value {
  if (typeof like === "number") return Number(text);
  return typeof like === "boolean" ? text === "true" : text;
}
