/** How the state of an alert is coloured. */

import type { AlertState } from "../../api/organisations";

export const STATE_TONES: Readonly<Record<AlertState, "plain" | "good" | "warn" | "bad">> = {
  open: "bad",
  acknowledged: "warn",
  false_positive: "plain",
  closed: "good",
};
