/** What pages ask the server for, and how they write to it. */
import {
  type InfiniteData,
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type { Filter } from "@/filters/tree";
import { type Answer, ask, at, requestOf, send } from "./client";
import type {
  ApiKey,
  Field,
  FileValue,
  Member,
  Role,
  Stage,
  Task,
  TaskEvent,
  User,
  View,
  Workflow,
  WorkflowSummary,
} from "./types";
import { taskId, uidOf } from "./types";
import { type WorkflowAnswer, workflowOf } from "./workflow";

export const PAGE = 100;

/** What tasks are asked for. The names are those of the body of `POST tasks/query`. */
export interface TaskQuery {
  where?: Filter | null;
  /** Titles, `-` before one for descending. */
  sort?: string[];
  q?: string;
  fields?: string[];
  limit?: number;
  count?: "exact" | "estimate";
}

export interface TaskPage {
  tasks: Task[];
  next: string | null;
  total: number | null;
  /** Which index would make the query fast, where none does. */
  hint: string | null;
}

/** A task with the tag of its revision, for `If-Match`. */
export interface Tagged {
  task: Task;
  etag: string;
}

export const keys = {
  workflows: ["workflows"] as const,
  workflow: (workflow: string) => ["workflow", workflow] as const,
  members: (workflow: string) => ["members", workflow] as const,
  roles: (workflow: string) => ["roles", workflow] as const,
  tasks: (workflow: string, query?: TaskQuery) =>
    query ? (["tasks", workflow, query] as const) : (["tasks", workflow] as const),
  task: (workflow: string, id: string) => ["task", workflow, id] as const,
  history: (workflow: string, uid: string) => ["history", workflow, uid] as const,
  views: (workflow: string) => ["views", workflow] as const,
  report: (workflow: string) => ["report", workflow] as const,
  users: ["users"] as const,
  apiKeys: ["keys"] as const,
};

async function get<T>(path: string, signal: AbortSignal, query?: Record<string, string>) {
  return (await ask<T>("GET", path, { signal, query })).data;
}

// --- workflows and people ---------------------------------------------------------------------

export function useWorkflows() {
  return useQuery({
    queryKey: keys.workflows,
    queryFn: ({ signal }) => get<WorkflowSummary[]>("/api/v1/workflows", signal),
  });
}

export function workflowQuery(workflow: string) {
  return queryOptions({
    queryKey: keys.workflow(workflow),
    queryFn: async ({ signal }) => workflowOf(await get<WorkflowAnswer>(at(workflow), signal)),
    staleTime: 60_000,
    enabled: workflow !== "",
  });
}

/** The workflow with fields, stages and file. */
export function useWorkflow(workflow: string) {
  return useQuery(workflowQuery(workflow));
}

const NO_FIELDS: Field[] = [];
const NO_STAGES: Stage[] = [];

export function useFields(workflow: string): Field[] {
  return useWorkflow(workflow).data?.fields ?? NO_FIELDS;
}

export function useStages(workflow: string): Stage[] {
  return useWorkflow(workflow).data?.stages ?? NO_STAGES;
}

export function useRoles(workflow: string) {
  return useQuery({
    queryKey: keys.roles(workflow),
    queryFn: ({ signal }) => get<Role[]>(at(workflow, "roles"), signal),
  });
}

const MINUTE_MS = 60_000;

/** Who takes part in a workflow. */
export function useMembers(workflow: string) {
  return useQuery({
    queryKey: keys.members(workflow),
    queryFn: ({ signal }) => get<Member[]>(at(workflow, "users"), signal),
    staleTime: MINUTE_MS,
    enabled: workflow !== "",
  });
}

/** The users of the workspace; for admins. */
export function useUsers(enabled = true) {
  return useQuery({
    queryKey: keys.users,
    queryFn: ({ signal }) => get<User[]>("/api/v1/users", signal),
    enabled,
  });
}

/** The API keys of the workspace; for admins. */
export function useApiKeys(enabled = true) {
  return useQuery({
    queryKey: keys.apiKeys,
    queryFn: ({ signal }) => get<ApiKey[]>("/api/v1/keys", signal),
    enabled,
  });
}

// --- tasks ------------------------------------------------------------------------------------

export async function taskPage(
  workflow: string,
  query: TaskQuery,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<TaskPage> {
  const { where, ...others } = query;
  const json = {
    limit: PAGE,
    ...others,
    ...(where ? { where } : {}),
    ...(cursor ? { cursor } : {}),
  };
  const answer = await ask<Task[]>("POST", at(workflow, "tasks", "query"), { json, signal });
  const total = answer.headers.get("X-Total-Count");
  return {
    tasks: answer.data,
    next: answer.headers.get("X-Next-Cursor"),
    total: total === null ? null : Number(total),
    hint: answer.headers.get("X-Query-Hint"),
  };
}

/** Tasks page by page; `fetchNextPage` goes on. The first page tells `total` where `count` asks. */
export function useTasks(workflow: string, query: TaskQuery, enabled = true) {
  return useInfiniteQuery({
    queryKey: keys.tasks(workflow, query),
    queryFn: ({ pageParam, signal }) => {
      const { count, ...others } = query;
      return taskPage(workflow, pageParam ? others : { ...others, count }, pageParam, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page: TaskPage) => page.next,
    placeholderData: keepPreviousData,
    enabled: enabled && workflow !== "",
  });
}

export function everyTask(pages: InfiniteData<TaskPage> | undefined): Task[] {
  return pages?.pages.flatMap((page) => page.tasks) ?? [];
}

function tagged(answer: Answer<Task>): Tagged {
  return { task: answer.data, etag: answer.headers.get("ETag") ?? "" };
}

/** One task by the id in its address, with the tag of its revision. */
export function useTask(workflow: string, id: string) {
  return useQuery({
    queryKey: keys.task(workflow, id),
    queryFn: async ({ signal }) =>
      tagged(await ask<Task>("GET", at(workflow, "tasks", "by-id", id), { signal })),
    enabled: workflow !== "" && id !== "",
  });
}

export interface Write {
  /** What changes, by title: absent keeps, null clears. */
  values: Record<string, unknown>;
  /** The task that changes; absent: a new one. */
  task?: Task;
  /** Write only if the task is still this revision. */
  etag?: string;
}

/** Creates a task, or changes one: by its unique ID, or by its id where it has none. */
export async function writeTask(workflow: Workflow, write: Write): Promise<Tagged> {
  const headers: Record<string, string> = write.etag ? { "If-Match": write.etag } : {};
  if (!write.task) {
    const json = write.values;
    return tagged(await ask<Task>("POST", at(workflow.id, "tasks"), { json, headers }));
  }
  const uid = uidOf(workflow, write.task);
  if (workflow.uniqueId && uid !== null) {
    const json = { [workflow.uniqueId.name]: uid, ...write.values };
    return tagged(await ask<Task>("PUT", at(workflow.id, "tasks"), { json, headers }));
  }
  const path = at(workflow.id, "tasks", "by-id", taskId(write.task));
  return tagged(await ask<Task>("PUT", path, { json: write.values, headers }));
}

export async function deleteTask(workflow: Workflow, task: Task, etag?: string): Promise<void> {
  const headers: Record<string, string> = etag ? { "If-Match": etag } : {};
  const uid = uidOf(workflow, task);
  const path =
    uid === null ? at(workflow.id, "tasks", "by-id", taskId(task)) : at(workflow.id, "tasks", uid);
  await ask("DELETE", path, { headers });
}

/** Writes one task; what is shown of it elsewhere follows. Rejects with `Problem`. */
export function useWriteTask(workflow: Workflow) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (write: Write) => writeTask(workflow, write),
    onSuccess: (written, write) => {
      cache.setQueryData(keys.task(workflow.id, taskId(written.task)), written);
      replaceInLists(cache, workflow.id, written.task);
      if (!write.task) {
        cache.invalidateQueries({ queryKey: keys.tasks(workflow.id) });
      }
      cache.invalidateQueries({ queryKey: ["history", workflow.id] });
    },
  });
}

export function useDeleteTask(workflow: Workflow) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ task, etag }: { task: Task; etag?: string }) => deleteTask(workflow, task, etag),
    onSuccess: (_, { task }) => {
      cache.removeQueries({ queryKey: keys.task(workflow.id, taskId(task)) });
      cache.invalidateQueries({ queryKey: keys.tasks(workflow.id) });
    },
  });
}

type Cache = ReturnType<typeof useQueryClient>;

/** Shows a task as it is now in every list that has it; the lists are not asked for again. */
export function replaceInLists(cache: Cache, workflow: string, task: Task): void {
  const id = taskId(task);
  cache.setQueriesData<InfiniteData<TaskPage>>({ queryKey: keys.tasks(workflow) }, (lists) => {
    if (!lists?.pages?.some((page) => page.tasks.some((one) => taskId(one) === id))) {
      return lists;
    }
    const pages = lists.pages.map((page) => ({
      ...page,
      tasks: page.tasks.map((one) => (taskId(one) === id ? { ...one, ...task } : one)),
    }));
    return { ...lists, pages };
  });
}

export interface BulkRow {
  index: number;
  status: "created" | "updated" | "unchanged" | "deleted" | "refused" | "unprocessed";
  id?: string;
  errors?: Record<string, string[]>;
  faults?: { path: (string | number)[]; code: string; message: string; hint?: string | null }[];
}

export interface BulkSummary {
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  deleted?: number;
  unprocessed?: number;
  error?: string;
}

export interface BulkAnswer {
  rows: BulkRow[];
  summary: BulkSummary;
}

export interface Bulk {
  rows: Record<string, unknown>[];
  mode?: "upsert" | "create" | "update" | "delete";
  dryRun?: boolean;
  atomic?: boolean;
}

/** Writes many rows; a dry run tells the same and writes nothing. */
export async function bulk(workflow: string, asked: Bulk): Promise<BulkAnswer> {
  const request = requestOf("POST", at(workflow, "tasks", "bulk"), {
    body: asked.rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
    headers: { "Content-Type": "application/x-ndjson", Accept: "application/x-ndjson" },
    query: {
      mode: asked.mode,
      dry_run: asked.dryRun || undefined,
      atomic: asked.atomic || undefined,
    },
  });
  const lines = (await (await send(request)).text()).split("\n").filter(Boolean);
  const read = lines.map((line) => JSON.parse(line));
  return { rows: read.slice(0, -1), summary: read.at(-1) };
}

export function useBulk(workflow: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (asked: Bulk) => bulk(workflow, asked),
    onSuccess: (_, asked) => {
      if (!asked.dryRun) {
        cache.invalidateQueries({ queryKey: keys.tasks(workflow) });
        cache.invalidateQueries({ queryKey: ["task", workflow] });
      }
    },
  });
}

/** Stores files for later use in a write by their `blobId`. */
export async function uploadFiles(files: readonly File[], signal?: AbortSignal) {
  const body = new FormData();
  for (const file of files) {
    body.append("file", file, file.name);
  }
  const stored = await ask<FileValue | FileValue[]>("POST", "/api/v1/files", { body, signal });
  return [stored.data].flat();
}

export function fileAddress(file: FileValue): string {
  return `/api/v1/files/${encodeURIComponent(file.blobId)}`;
}

export interface HistoryPage {
  events: TaskEvent[];
  next: string | null;
}

// --- views ------------------------------------------------------------------------------------

export function useViews(workflow: string, counted = false) {
  return useQuery({
    queryKey: [...keys.views(workflow), counted] as const,
    queryFn: ({ signal }) =>
      get<View[]>(at(workflow, "views"), signal, counted ? { _count: "estimate" } : undefined),
    enabled: workflow !== "",
    staleTime: MINUTE_MS,
  });
}

export type NewView = Omit<View, "id" | "owner" | "count">;

/** Saves a view: a new one, or one with its id in its place. */
export function useSaveView(workflow: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, ...json }: NewView & { id?: string }) =>
      (
        await (id
          ? ask<View>("PUT", at(workflow, "views", id), { json })
          : ask<View>("POST", at(workflow, "views"), { json }))
      ).data,
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.views(workflow) }),
  });
}

export function useDeleteView(workflow: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      await ask("DELETE", at(workflow, "views", id));
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.views(workflow) }),
  });
}

// --- counts -----------------------------------------------------------------------------------

export interface Counts {
  total: number;
  stages: Record<string, number>;
}

/** How many tasks stand in each stage. */
export function useCounts(workflow: string, enabled = true) {
  return useQuery({
    queryKey: [...keys.report(workflow), "counts"] as const,
    queryFn: ({ signal }) => get<Counts>(at(workflow, "report"), signal),
    enabled,
  });
}
