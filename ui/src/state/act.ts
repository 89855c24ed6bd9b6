/** Do something on the server that may fail: say how it went, and whether it went well. */

import { Failure } from "../api/client";
import { notices } from "./notices.svelte";

export async function act(work: () => Promise<unknown>, done = ""): Promise<boolean> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    notices.say(error.message, { bad: true });
    return false;
  }
  if (done) notices.say(done);
  return true;
}
