/** What somebody typed and did not save yet, kept in this browser until it is saved. */
import { useCallback, useEffect, useRef, useState } from "react";
import { session } from "@/api/session";

const PREFIX = "taskloom.draft";
const SETTLED_MS = 300;

export type DraftKey = readonly string[];

function address(key: DraftKey): string {
  const user = session.get()?.user.id ?? "";
  return [PREFIX, user, ...key].join(":");
}

export function readDraft<T>(key: DraftKey): T | null {
  const text = localStorage.getItem(address(key));
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

export function writeDraft(key: DraftKey, draft: unknown): void {
  try {
    localStorage.setItem(address(key), JSON.stringify(draft));
  } catch {
    // Storage is full or forbidden: the page still holds the draft.
  }
}

export function dropDraft(key: DraftKey): void {
  localStorage.removeItem(address(key));
}

/** A state that survives a reload. `drop` forgets it, as after saving; null is no draft. */
export function useDraft<T>(key: DraftKey) {
  const where = key.join(":");
  // biome-ignore lint/correctness/useExhaustiveDependencies: a key is what it says, not its array
  const same = useCallback(() => key, [where]);
  const [draft, setDraft] = useState<T | null>(() => readDraft<T>(key));
  const pending = useRef<{ timer: number; write: () => void } | null>(null);
  const forget = useCallback(() => {
    window.clearTimeout(pending.current?.timer);
    pending.current = null;
  }, []);
  const set = useCallback(
    (next: T | null) => {
      setDraft(next);
      forget();
      const write = () => {
        pending.current = null;
        if (next === null) dropDraft(same());
        else writeDraft(same(), next);
      };
      pending.current = { timer: window.setTimeout(write, SETTLED_MS), write };
    },
    [same, forget],
  );
  const drop = useCallback(() => {
    forget();
    dropDraft(same());
    setDraft(null);
  }, [same, forget]);
  useEffect(() => {
    // Who reloads at once has typed all the same.
    const flush = () => {
      const waiting = pending.current;
      forget();
      waiting?.write();
    };
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [forget]);
  useEffect(() => setDraft(readDraft<T>(same())), [same]);
  return { draft, set, drop };
}
