import { queryClient } from "@/api/cache";
import { ask } from "@/api/client";
import { ended } from "@/api/session";
import { showFailure } from "@/shared/notices";

/** Ends the session on the server, and forgets what was read in it. */
export async function signOut(): Promise<void> {
  try {
    await ask("DELETE", "/api/v1/session");
  } catch (failure) {
    showFailure(failure);
    return;
  }
  ended();
  queryClient.clear();
}
