/** The documents of organisations and their alerts; see `kaname.telescope.routes.organisations`. */

import type { Row, Severity, Text } from "./shapes";

export const ALERT_KINDS = ["internal", "external", "victim", "reflector", "misconfig", "spoofed"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
export type AlertState = "open" | "acknowledged" | "false_positive" | "closed";

export interface SuppressionOut {
  readonly prefix: string;
  readonly port: number | null;
  readonly kind: AlertKind | null;
  readonly until: number | null;
  readonly note: string;
}

export interface OrganisationOut {
  readonly id: string;
  readonly name_en: string;
  readonly name_ja: string;
  readonly language: "en" | "ja";
  readonly live: readonly string[];
  readonly dark: readonly string[];
  readonly suppressions: readonly SuppressionOut[];
  readonly valid_from: number | null;
  readonly valid_until: number | null;
  readonly tlp: string;
  readonly contacts: number;
  readonly mail: readonly string[];
  readonly webhook: string;
}

export interface AlertOut {
  readonly id: string;
  readonly organisation: string;
  readonly host: string;
  readonly kind: AlertKind;
  readonly state: AlertState;
  readonly severity: Severity;
  readonly opened: number;
  readonly last: number;
  readonly packets: number;
  readonly destinations: number;
  readonly services: readonly string[];
  readonly label: string;
  readonly confidence: number;
  readonly tlp: string;
  readonly by: string;
  readonly note: string;
  readonly late: boolean;
  readonly replaced_by: string;
  readonly title: Text;
}

export interface NoticeOut {
  readonly key: string;
  readonly reason: "first" | "change" | "digest" | "test";
  readonly channel: "console" | "mail" | "webhook";
  readonly state: "waiting" | "sent" | "failed";
  readonly created: number;
  readonly finished: number | null;
  readonly tries: number;
  readonly error: string;
  readonly target: string;
}

export interface AlertWhole {
  readonly alert: AlertOut;
  readonly text: Text;
  readonly check: Text;
  readonly reasons: readonly Text[];
  readonly samples: readonly Row[];
  readonly query: string;
  readonly notices: readonly NoticeOut[];
}
