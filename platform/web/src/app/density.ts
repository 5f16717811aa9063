import { useEffect } from "react";
import { Store, useStore } from "@/api/store";

export type Density = "comfortable" | "compact";

const KEPT = "taskloom.density";
const kept = new Store<Density>(
  localStorage.getItem(KEPT) === "compact" ? "compact" : "comfortable",
);

export function setDensity(density: Density): void {
  localStorage.setItem(KEPT, density);
  kept.set(density);
}

/** How dense tables and lists are; `--tl-row` follows it. */
export function useDensity(): Density {
  const density = useStore(kept);
  useEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);
  return density;
}
