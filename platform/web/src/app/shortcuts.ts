/** Keys that do something everywhere on a page, and the list of them for the cheat sheet. */
import { useEffect, useRef } from "react";
import { Store, useStore } from "@/api/store";

export interface Shortcut {
  /** Such as `?`, `mod+k`, `shift+n`, or one key after the other: `g h`. */
  keys: string;
  text: string;
  /** The heading in the cheat sheet. */
  group: string;
  run?: () => void;
  /** Also while somebody types. */
  always?: boolean;
}

const SEQUENCE_MS = 900;
const added = new Store<readonly (readonly Shortcut[])[]>([]);

/** Listens to keys as long as the component is shown; keep the list in a `useMemo`. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    added.set([...added.get(), shortcuts]);
    return () => added.set(added.get().filter((some) => some !== shortcuts));
  }, [shortcuts]);
}

export function useEveryShortcut(): readonly Shortcut[] {
  return useStore(added).flat();
}

/** Runs shortcuts; used once, by the shell. */
export function useShortcutKeys(): void {
  const before = useRef({ key: "", at: 0 });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const key = spelt(event);
      const recent = performance.now() - before.current.at < SEQUENCE_MS;
      const sequence = recent ? `${before.current.key} ${key}` : key;
      before.current = { key, at: performance.now() };
      const typing = types(event.target);
      const known = added.get().flat().toReversed();
      const meant = [sequence, key]
        .map((keys) => known.find((one) => one.keys === keys && (one.always || !typing)))
        .find((one) => one?.run);
      if (meant?.run && !event.defaultPrevented) {
        event.preventDefault();
        before.current = { key: "", at: 0 };
        meant.run();
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}

function spelt(event: KeyboardEvent): string {
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  const alt = event.altKey ? "alt+" : "";
  const letter = /^[a-zA-Z]$/.test(event.key);
  const shift = event.shiftKey && (letter || event.key.length > 1) ? "shift+" : "";
  return `${mod}${alt}${shift}${letter ? event.key.toLowerCase() : event.key}`;
}

function types(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName) ||
      target.closest("[role=dialog],[role=menu],[role=listbox]") !== null)
  );
}
