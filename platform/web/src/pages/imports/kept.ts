/** Files that somebody chose and did not import yet, kept in this browser across a reload. */
import { useCallback, useEffect, useState } from "react";
import { session } from "@/api/session";

const BASE = "taskloom";
const STORE = "files";
/** What is larger has to be chosen again after a reload. */
const LARGEST_BYTES = 256 * 1024 * 1024;

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(BASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>) {
  const base = await opened();
  try {
    return await settled(work(base.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    base.close();
  }
}

function address(key: string): string {
  return `${session.get()?.user.id ?? ""}:${key}`;
}

/** A file that survives a reload; undefined until it is known whether there is one. */
export function useKeptFile(key: string) {
  const [file, setFile] = useState<File | null | undefined>(undefined);
  useEffect(() => {
    let wanted = true;
    const found = within("readonly", (store) => store.get(address(key)));
    found.then(
      (kept) => wanted && setFile((chosen) => chosen ?? (kept instanceof File ? kept : null)),
      () => wanted && setFile((chosen) => chosen ?? null),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  const keep = useCallback(
    (next: File | null) => {
      setFile(next);
      const kept = next && next.size <= LARGEST_BYTES ? next : null;
      const done = kept
        ? within("readwrite", (store) => store.put(kept, address(key)))
        : within("readwrite", (store) => store.delete(address(key)));
      // A browser that keeps nothing still has the file until the page is left.
      (done as Promise<unknown>).catch(() => undefined);
    },
    [key],
  );
  return [file, keep] as const;
}
