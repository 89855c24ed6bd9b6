/** Keeping a list of jobs by news that may arrive in any order. */

import type { JobOut } from "../../api/shapes";

/**
 * The list with what is now known of one job. An answer may overtake an event: a job that has
 * ended does not run again, and bytes that were read are not unread.
 */
export function merged(list: readonly JobOut[], job: JobOut): readonly JobOut[] {
  const known = list.find((one) => one.id === job.id);
  if (known === undefined) return [job, ...list];
  if (isStale(job, known)) return list;
  return list.map((one) => (one.id === job.id ? job : one));
}

function isStale(job: JobOut, known: JobOut): boolean {
  if (known.ended !== null) return job.ended === null;
  return job.ended === null && job.bytes_read < known.bytes_read;
}
