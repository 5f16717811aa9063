import { type ReactNode, Suspense, useEffect, useState } from "react";
import { type Store, useStore } from "@/api/store";

/** Leaves out what is not needed before something was true for the first time. */
export function Later({ when, children }: { when: Store<boolean>; children: ReactNode }) {
  const now = useStore(when);
  const [needed, setNeeded] = useState(now);
  useEffect(() => {
    if (now) {
      setNeeded(true);
    }
  }, [now]);
  return needed ? <Suspense>{children}</Suspense> : null;
}
