/** What the command palette offers: pages add commands while they are shown. */
import { type ReactNode, useEffect } from "react";
import { Store, useStore } from "@/api/store";

export interface Command {
  id: string;
  label: string;
  /** The heading under which it stands. */
  group: string;
  /** Other words by which it is found. */
  keywords?: string;
  icon?: ReactNode;
  run: () => void;
}

const added = new Store<readonly (readonly Command[])[]>([]);

/** Offers commands as long as the component is shown; keep the list in a `useMemo`. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    added.set([...added.get(), commands]);
    return () => added.set(added.get().filter((some) => some !== commands));
  }, [commands]);
}

export function useEveryCommand(): readonly Command[] {
  return useStore(added).flat();
}
