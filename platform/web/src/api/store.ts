import { useSyncExternalStore } from "react";

/** A value outside React that components can watch. */
export class Store<T> {
  private value: T;
  private readonly watchers = new Set<() => void>();

  constructor(initial: T) {
    this.value = initial;
  }

  readonly get = (): T => this.value;

  readonly set = (value: T): void => {
    if (!Object.is(this.value, value)) {
      this.value = value;
      for (const watcher of this.watchers) {
        watcher();
      }
    }
  };

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.watch, store.get);
}
