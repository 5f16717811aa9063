/** What a board asks for: each column page by page, and a task as it is the moment it is picked up. */
import {
  keepPreviousData,
  type QueryClient,
  queryOptions,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback } from "react";
import { ask, at, isProblem } from "@/api/client";
import { keys, type Tagged, type TaskPage, type TaskQuery, taskPage } from "@/api/queries";
import { STAGE, type Stage, type Task, type TaskEvent, taskId } from "@/api/types";
import { allOf } from "@/filters";

const PAGE = 50;
/** The most tasks that the server gives at once. */
const MOST = 1000;
const UNAVAILABLE = 503;

/** What all columns have in common. */
export type BoardQuery = Pick<TaskQuery, "where" | "sort" | "q" | "fields">;

export interface Loaded {
  tasks: Task[];
  next: string | null;
  total: number;
}

/** Key of all columns of a workflow; not that of lists, which are read anew from end to end. */
export function boardKey(workflow: string) {
  return ["board", workflow] as const;
}

function columnKey(workflow: string, query: BoardQuery, stage: Stage) {
  return [...boardKey(workflow), stage.id, query] as const;
}

/** Reads a column anew, as far down as it was read before: many pages take few requests. */
async function loaded(
  workflow: string,
  query: TaskQuery,
  atLeast: number,
  signal: AbortSignal,
): Promise<Loaded> {
  const sized = (left: number) => Math.min(Math.max(left, PAGE), MOST);
  let page = await counted(workflow, { ...query, limit: sized(atLeast) }, signal);
  const { total } = page;
  const tasks = [...page.tasks];
  while (page.next && tasks.length < atLeast) {
    const limit = sized(atLeast - tasks.length);
    page = await taskPage(workflow, { ...query, limit }, page.next, signal);
    tasks.push(...page.tasks);
  }
  return { tasks, next: page.next, total: total ?? tasks.length };
}

/** The first page with an exact count, or with an estimate where counting takes too long. */
async function counted(workflow: string, query: TaskQuery, signal: AbortSignal): Promise<TaskPage> {
  try {
    return await taskPage(workflow, { ...query, count: "exact" }, null, signal);
  } catch (failure) {
    if (isProblem(failure, UNAVAILABLE) && failure.code === "too_slow") {
      return taskPage(workflow, { ...query, count: "estimate" }, null, signal);
    }
    throw failure;
  }
}

function within(query: BoardQuery, stage: Stage): TaskQuery {
  return { ...query, where: allOf(query.where, { field: STAGE, op: "eq", value: stage.name }) };
}

/** The tasks of a stage, from the first on; `more` reads the next page. */
export function useColumn(workflow: string, query: BoardQuery, stage: Stage) {
  const cache = useQueryClient();
  const queryKey = columnKey(workflow, query, stage);
  const column = useQuery({
    queryKey,
    queryFn: ({ signal }) => {
      const held = cache.getQueryData<Loaded>(queryKey)?.tasks.length ?? 0;
      return loaded(workflow, within(query, stage), held, signal);
    },
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
  const more = useQuery({
    queryKey: ["more", ...queryKey, column.data?.next],
    queryFn: async ({ signal }) => {
      const cursor = column.data?.next ?? null;
      const asked = { ...within(query, stage), limit: PAGE };
      const page = await taskPage(workflow, asked, cursor, signal);
      cache.setQueryData<Loaded>(queryKey, (before) =>
        before?.next === cursor ? extended(before, page) : before,
      );
      return page.tasks.length;
    },
    enabled: false,
    gcTime: 0,
  });
  const { refetch } = more;
  const idle = !more.isFetching && !column.isFetching && Boolean(column.data?.next);
  const askMore = useCallback(() => {
    if (idle) {
      refetch();
    }
  }, [idle, refetch]);
  return { ...column, askMore, moreFailed: more.isError };
}

/** How many tasks a stage holds whatever is filtered: what its limit is about. */
export function useHeldThere(workflow: string, stage: Stage, enabled: boolean): number | undefined {
  const { data } = useQuery({
    queryKey: [...boardKey(workflow), stage.id, "all"],
    queryFn: async ({ signal }): Promise<Loaded> => {
      const asked = { ...within({}, stage), fields: [STAGE], limit: 1 };
      const { total } = await counted(workflow, asked, signal);
      return { tasks: [], next: null, total: total ?? 0 };
    },
    staleTime: 0,
    enabled,
  });
  return data?.total;
}

function extended(before: Loaded, page: TaskPage): Loaded {
  const known = new Set(before.tasks.map(taskId));
  const added = page.tasks.filter((task) => !known.has(taskId(task)));
  return { ...before, tasks: [...before.tasks, ...added], next: page.next };
}

/** A task with the tag of its revision, asked for anew. */
export function fetchTagged(cache: QueryClient, workflow: string, id: string): Promise<Tagged> {
  return cache.fetchQuery(
    queryOptions({
      queryKey: keys.task(workflow, id),
      queryFn: async ({ signal }) => {
        const path = at(workflow, "tasks", "by-id", id);
        const { data, headers } = await ask<Task>("GET", path, { signal });
        return { task: data, etag: headers.get("ETag") ?? "" };
      },
      staleTime: 0,
    }),
  );
}

/** The last change of a task's stage: by whom, and when. */
export async function lastMove(workflow: string, id: string): Promise<TaskEvent | null> {
  const path = at(workflow, "tasks", "by-id", id, "history");
  const { data } = await ask<{ events: TaskEvent[] }>("GET", path, { query: { _limit: 10 } });
  const moved = (event: TaskEvent) => event.changes.some((change) => change.field === STAGE);
  return data.events.find(moved) ?? null;
}
