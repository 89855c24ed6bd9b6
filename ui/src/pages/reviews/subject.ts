/** What is asked about, and where to look at it. */

import { parts } from "../../format/artifact-kind";
import { link } from "../../state/address";

export const REVIEW_KINDS = ["indicator", "campaign", "entity", "report", "publish", "artifact", "alias"] as const;

const PAGES: Readonly<Record<string, string>> = { campaign: "campaigns", report: "reports", case: "cases" };

export function subjectWay(kind: string, subject: string): string {
  const page = PAGES[kind];
  if (page) return link([page, subject]);
  const of = parts(subject);
  if (kind === "indicator" || kind === "publish") return link(["indicators"], { id: subject });
  if (of.kind) return link(["artifact", of.kind, of.value]);
  return link(["search"], { q: subject });
}
