/** What can be watched for, and what can be suppressed. */

export const WATCH_KINDS = ["ip", "prefix", "domain", "hash", "mail", "keyword", "regex", "score", "technique", "relation"] as const;
export const SUPPRESSION_KINDS = ["ip", "prefix", "domain", "url", "hash", "mail", "keyword", "regex"] as const;
