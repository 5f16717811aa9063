/** Which tasks are selected. */
import { useCallback, useMemo, useRef, useState } from "react";
import { type Task, taskId } from "@/api/types";

export interface Selection {
  /** By their ids, as they were when they were selected. */
  tasks: ReadonlyMap<string, Task>;
  /** Selects or leaves out one; with `through`, all from the one before it. */
  toggle: (row: number, through: boolean, tasks: readonly Task[]) => void;
  add: (tasks: Iterable<Task>) => void;
  set: (tasks: Iterable<Task>) => void;
  clear: () => void;
}

export function useSelection(): Selection {
  const [tasks, setTasks] = useState<ReadonlyMap<string, Task>>(new Map());
  const last = useRef<string | null>(null);
  const set = useCallback((chosen: Iterable<Task>) => {
    setTasks(new Map([...chosen].map((task) => [taskId(task), task])));
  }, []);
  const add = useCallback((chosen: Iterable<Task>) => {
    setTasks((now) => new Map([...now, ...[...chosen].map((one) => [taskId(one), one] as const)]));
  }, []);
  const toggle = useCallback((row: number, through: boolean, all: readonly Task[]) => {
    const task = all[row];
    if (!task) {
      return;
    }
    const before = all.findIndex((one) => taskId(one) === last.current);
    const from = through && before >= 0 ? before : row;
    const id = taskId(task);
    last.current = id;
    setTasks((now) => {
      const next = new Map(now);
      if (from === row && next.has(id)) {
        next.delete(id);
        return next;
      }
      for (const one of all.slice(Math.min(from, row), Math.max(from, row) + 1)) {
        next.set(taskId(one), one);
      }
      return next;
    });
  }, []);
  const clear = useCallback(() => setTasks((now) => (now.size > 0 ? new Map() : now)), []);
  return useMemo(() => ({ tasks, toggle, add, set, clear }), [tasks, toggle, add, set, clear]);
}
