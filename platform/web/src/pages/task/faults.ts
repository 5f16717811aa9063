/** What a save was refused for, as long as it still holds. */
import { useCallback, useState } from "react";
import { type Fault, Problem, sentence } from "@/api/problem";
import { same } from "./edits";

type Values = Record<string, unknown>;

interface Failed {
  failure: unknown;
  /** What was sent. */
  values: Values;
}

export interface Refusal {
  failure: unknown;
  /** What is wrong with the field of a title, in one sentence. */
  faultOf: (title: string, key?: string) => string | undefined;
  /** Whether a fault stands beside its field already. */
  isTold: (fault: Fault) => boolean;
  fail: (failure: unknown, values: Values) => void;
  clear: () => void;
}

/** `shown` are the titles of what stands in the page, `values` the values as they are now. */
export function useRefusal(shown: ReadonlySet<string>, values: Values): Refusal {
  const [failed, setFailed] = useState<Failed | null>(null);
  const faults = failed?.failure instanceof Problem ? failed.failure.faults : [];
  const about = (title: string, key?: string) =>
    faults.filter((fault) => fault.path[0] === title || (key !== undefined && fault.key === key));
  return {
    failure: failed?.failure ?? null,
    faultOf: (title, key) => {
      const told = about(title, key);
      const stale = failed && !same(failed.values[title], values[title]);
      return told.length === 0 || stale ? undefined : told.map(inside).join(" · ");
    },
    isTold: (fault) => shown.has(String(fault.path[0] ?? "")),
    fail: useCallback((failure, sent) => setFailed({ failure, values: sent }), []),
    clear: useCallback(() => setFailed(null), []),
  };
}

/** A fault with where in the value it is. */
function inside(fault: Fault): string {
  const [, ...rest] = fault.path;
  const places = rest.map((part) => (typeof part === "number" ? `#${part + 1}` : part));
  return `${places.length > 0 ? `${places.join(" › ")} ` : ""}${sentence(fault)}`;
}
