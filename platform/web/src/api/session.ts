/** Who is signed in, and the gate at which requests wait until somebody is. */
import { NotSignedIn } from "./problem";
import { Store } from "./store";

export interface Session {
  user: { id: string; email: string; name: string; role: "admin" | "manager" | "member" };
  workspace: { id: string; name: string };
  csrf: string;
}

/** Notes that somebody signed in in this browser: whether the cookie is there, no script can see. */
const KEPT = "taskloom.signed_in";

/** Undefined until the server said it; null where nobody is signed in. */
export const session = new Store<Session | null | undefined>(
  localStorage.getItem(KEPT) ? undefined : null,
);

/** Whether a request waits for somebody to sign in. */
export const signInNeeded = new Store(false);

type Waiting = { go: () => void; stop: (reason: NotSignedIn) => void };
let waiting: Waiting[] = [];

/** Waits until somebody signed in again; rejects with NotSignedIn where that is given up. */
export function signedInAgain(): Promise<void> {
  signInNeeded.set(true);
  return new Promise((go, stop) => {
    waiting.push({ go, stop });
  });
}

export function began(opened: Session): void {
  const before = session.get();
  localStorage.setItem(KEPT, "1");
  session.set(opened);
  if (before && before.user.id !== opened.user.id && signInNeeded.get()) {
    // What waits was asked for by somebody else, and the page shows what that one may see.
    window.location.reload();
    return;
  }
  const going = waiting;
  waiting = [];
  signInNeeded.set(false);
  for (const request of going) {
    request.go();
  }
}

export function ended(): void {
  localStorage.removeItem(KEPT);
  session.set(null);
  const stopping = waiting;
  waiting = [];
  signInNeeded.set(false);
  for (const request of stopping) {
    request.stop(new NotSignedIn());
  }
}
