/** What a suspicious piece of circuit looks like, in words. */

import type { Key } from "../../i18n/index.svelte";

const ROLES = ["trigger", "counter", "payload", "oscillator"] as const;

export function roleKey(role: string): Key {
  const known = ROLES.find((one) => one === role);
  return known ? `designs.role.${known}` : "designs.role.other";
}
