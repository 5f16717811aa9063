/** Notices in a corner: what was done, and what failed. */
import { NotSignedIn, Problem, sentence, Unreachable } from "@/api/problem";
import { Store } from "@/api/store";
import { t } from "@/text";

interface Notice {
  title?: string;
  message: string;
  color: string;
  autoClose?: number;
}

/** Notices that are not in their corner yet: it is loaded for the first of them. */
export const waiting = new Store<readonly Notice[]>([]);
export const hasNotices = new Store(false);

function show(notice: Notice): void {
  waiting.set([...waiting.get(), notice]);
  hasNotices.set(true);
}

/** Takes notices off the list of those that wait. */
export function shown(notices: readonly Notice[]): void {
  waiting.set(waiting.get().filter((notice) => !notices.includes(notice)));
}

/** What failed, in one sentence for people. */
export function told(failure: unknown): string {
  if (failure instanceof Unreachable) {
    return t("shared.unreachable");
  }
  if (failure instanceof Problem && failure.faults[0]) {
    const { path } = failure.faults[0];
    const where = path.length > 0 ? `${path.join(" › ")}: ` : "";
    return where + sentence(failure.faults[0]);
  }
  return failure instanceof Error ? failure.message : String(failure);
}

export function showDone(message: string): void {
  show({ message, color: "loom" });
}

/** Tells of a failure; who would not sign in knows already. */
export function showFailure(failure: unknown, title = t("shared.failed")): void {
  if (!(failure instanceof NotSignedIn)) {
    show({ title, message: told(failure), color: "red", autoClose: 10_000 });
  }
}
