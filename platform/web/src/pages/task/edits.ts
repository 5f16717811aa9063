/** What somebody changed and did not save yet: kept over reloads, and over what others change. */
import { useCallback, useEffect, useMemo, useRef } from "react";
import { ASSIGNED_TO, STAGE, TASK_URL, type Task, type Workflow } from "@/api/types";
import { useDraft, writeDraft } from "@/shared/drafts";

type Values = Record<string, unknown>;

/** What is kept; all by title. */
export interface Kept {
  values: Values;
  /** What the changed fields held when they were first changed. */
  base: Values;
  /** The task as it was then, for who has to make it again. */
  task: Task;
}

/** A field that others changed too. */
export interface Clash {
  title: string;
  base: unknown;
  theirs: unknown;
  yours: unknown;
}

export function draftKey(workflow: string, id: string): readonly string[] {
  return ["task", workflow, id];
}

function plain(value: unknown): string {
  const unset = value === undefined || value === "" || (Array.isArray(value) && !value.length);
  return JSON.stringify(unset ? null : value);
}

export function same(one: unknown, other: unknown): boolean {
  return plain(one) === plain(other);
}

function without(values: Values, titles: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([title]) => !titles.includes(title)));
}

/** The edits of one task; `task` is as the server has it now, or undefined while nobody knows. */
export function useEdits(workflow: string, id: string, task: Task | undefined) {
  const key = useMemo(() => draftKey(workflow, id), [workflow, id]);
  const { draft, set, drop } = useDraft<Kept>(key);
  const newest = useRef(draft);
  newest.current = draft;
  const base = useRef(task);
  base.current = task ?? draft?.task;

  useEffect(() => {
    const leaving = () => newest.current && writeDraft(key, newest.current);
    window.addEventListener("pagehide", leaving);
    return () => window.removeEventListener("pagehide", leaving);
  }, [key]);

  const put = useCallback(
    (next: Kept | null) => {
      newest.current = next;
      if (next === null || Object.keys(next.values).length === 0) {
        newest.current = null;
        drop();
      } else {
        set(next);
      }
    },
    [set, drop],
  );
  const change = useCallback(
    (title: string, value: unknown) => {
      const there = base.current;
      if (!there) {
        return;
      }
      const now = newest.current ?? { values: {}, base: {}, task: there };
      const before = title in now.base ? now.base[title] : there[title];
      put(
        same(before, value)
          ? { ...now, values: without(now.values, [title]), base: without(now.base, [title]) }
          : {
              task: there,
              values: { ...now.values, [title]: value },
              base: { ...now.base, [title]: before ?? null },
            },
      );
    },
    [put],
  );
  const forget = useCallback(
    (titles: readonly string[]) => {
      const now = newest.current;
      if (now) {
        put({ ...now, values: without(now.values, titles), base: without(now.base, titles) });
      }
    },
    [put],
  );
  /** After a save: forgets what was sent, unless it was changed again meanwhile. */
  const settle = useCallback(
    (sent: Values, saved: Task) => {
      const now = newest.current;
      if (!now) {
        return;
      }
      const done = Object.keys(sent).filter((title) => same(sent[title], now.values[title]));
      const rest = Object.keys(now.values).filter((title) => !done.includes(title));
      const fresh = Object.fromEntries(rest.map((title) => [title, saved[title] ?? null]));
      put({ task: saved, values: without(now.values, done), base: { ...fresh } });
    },
    [put],
  );
  /** Keeps the own value of a field, knowing what others made of it. */
  const insist = useCallback(
    (title: string) => {
      const now = newest.current;
      if (now && base.current) {
        put({ ...now, base: { ...now.base, [title]: base.current[title] ?? null } });
      }
    },
    [put],
  );
  const discard = useCallback(() => put(null), [put]);

  return useMemo(() => {
    const there = task ?? draft?.task;
    const kept = draft?.values ?? {};
    const moot = Object.keys(kept).filter((title) => task && same(task[title], kept[title]));
    const values = without(kept, moot);
    const clashes: Clash[] = Object.entries(values)
      .filter(([title]) => task && !same(task[title], draft?.base[title]))
      .map(([title, yours]) => ({
        title,
        yours,
        base: draft?.base[title],
        theirs: task?.[title],
      }));
    return {
      /** The task with its unsaved changes. */
      values: { ...there, ...values } as Values,
      edited: values,
      changed: new Set(Object.keys(values)) as ReadonlySet<string>,
      clashes,
      kept: draft,
      change,
      forget,
      settle,
      insist,
      discard,
    };
  }, [task, draft, change, forget, settle, insist, discard]);
}

export type Edits = ReturnType<typeof useEdits>;

/** What a task is made anew from: all that a new task can bring. */
export function seedOf(workflow: Workflow, values: Values): Values {
  const known = new Set([...workflow.fields.map((field) => field.name), STAGE, ASSIGNED_TO]);
  const given = Object.entries(values).filter(
    ([title, value]) => title !== TASK_URL && known.has(title) && !same(value, null),
  );
  return Object.fromEntries(given);
}
