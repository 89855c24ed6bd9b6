/** The colour of a campaign's state. */

export function campaignTone(state: string): "accent" | "good" | "bad" | "plain" {
  if (state === "confirmed") return "good";
  if (state === "rejected") return "bad";
  return state === "proposed" ? "accent" : "plain";
}
