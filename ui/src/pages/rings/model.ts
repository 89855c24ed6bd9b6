/** What the picture shows: a ring for each organisation, a mark for each alert. */

import type { AlertOut, OrganisationOut } from "../../api/organisations";
import { arcs, place, type Arc } from "./ring";
import { around, centre, radius, type Vector } from "./view";

export interface Mark {
  readonly alert: AlertOut;
  readonly at: Vector;
}

export interface Ring {
  readonly organisation: OrganisationOut;
  readonly middle: Vector;
  readonly size: number;
  readonly arcs: readonly Arc[];
  readonly marks: readonly Mark[];
}

/** Rings by the number of their alerts, so that those in trouble stand together at the top. */
export function rings(organisations: readonly OrganisationOut[], alerts: readonly AlertOut[]): readonly Ring[] {
  const of = new Map<string, AlertOut[]>();
  for (const alert of alerts) of.set(alert.organisation, [...(of.get(alert.organisation) ?? []), alert]);
  const count = (one: OrganisationOut): number => of.get(one.id)?.length ?? 0;
  const ordered = [...organisations].sort((a, b) => count(b) - count(a) || (a.id < b.id ? -1 : 1));
  const size = radius(ordered.length);
  return ordered.map((organisation, i) => {
    const middle = centre(i, ordered.length);
    const own = arcs(organisation.live, organisation.dark);
    const marks = (of.get(organisation.id) ?? []).map((alert) => ({
      alert,
      at: around(middle, size, place(own, alert.host) ?? 0),
    }));
    return { organisation, middle, size, arcs: own, marks };
  });
}
