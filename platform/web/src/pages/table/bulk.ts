/** Writes to many tasks: tried out first where that is possible, in pieces, with a way to stop. */
import { isProblem } from "@/api/client";
import { sentence } from "@/api/problem";
import { type BulkRow, bulk, deleteTask, writeTask } from "@/api/queries";
import { type Task, uidOf, type Workflow } from "@/api/types";
import { told } from "@/shared/notices";

const PIECE = 1000;
const AT_ONCE = 4;

/** What shall be done: a task and what changes in it, or no changes where it is deleted. */
export interface Plan {
  kind: "change" | "delete";
  items: readonly { task: Task; values: Record<string, unknown> }[];
}

export interface Refusal {
  task: Task;
  reasons: string[];
}

export interface Outcome {
  updated: number;
  deleted: number;
  unchanged: number;
  unprocessed: number;
  refused: Refusal[];
  /** Whether it was stopped on the way. */
  stopped: boolean;
}

export interface Run {
  dryRun: boolean;
  signal: AbortSignal;
  onProgress: (done: number) => void;
}

/** Whether writes can be tried out: only tasks with unique IDs are written together. */
export function isRehearsed(workflow: Workflow): boolean {
  return workflow.uniqueId !== null;
}

export async function run(workflow: Workflow, plan: Plan, running: Run): Promise<Outcome> {
  const outcome: Outcome = {
    updated: 0,
    deleted: 0,
    unchanged: 0,
    unprocessed: 0,
    refused: [],
    stopped: false,
  };
  const size = isRehearsed(workflow) ? PIECE : AT_ONCE;
  for (let from = 0; from < plan.items.length; from += size) {
    if (running.signal.aborted) {
      outcome.stopped = true;
      outcome.unprocessed += plan.items.length - from;
      break;
    }
    const piece = { ...plan, items: plan.items.slice(from, from + size) };
    await (isRehearsed(workflow)
      ? together(workflow, piece, running.dryRun, outcome)
      : oneByOne(workflow, piece, outcome));
    running.onProgress(Math.min(from + size, plan.items.length));
  }
  return outcome;
}

async function together(
  workflow: Workflow,
  plan: Plan,
  dryRun: boolean,
  outcome: Outcome,
): Promise<void> {
  const unique = workflow.uniqueId?.name ?? "";
  const rows = plan.items.map(({ task, values }) => ({
    [unique]: uidOf(workflow, task),
    ...values,
  }));
  const mode = plan.kind === "delete" ? "delete" : "update";
  const answer = await bulk(workflow.id, { rows, mode, dryRun });
  for (const row of answer.rows) {
    const item = plan.items[row.index];
    if (item && row.status === "refused") {
      outcome.refused.push({ task: item.task, reasons: reasonsOf(row) });
    } else if (row.status !== "refused" && row.status !== "created") {
      outcome[row.status] += 1;
    }
  }
}

function reasonsOf(row: BulkRow): string[] {
  const faults = row.faults ?? [];
  if (faults.length > 0) {
    return faults.map((fault) => [...fault.path, sentence(fault)].join(": "));
  }
  return Object.entries(row.errors ?? {}).flatMap(([name, messages]) =>
    messages.map((message) => (name === "base" ? message : `${name}: ${message}`)),
  );
}

async function oneByOne(workflow: Workflow, plan: Plan, outcome: Outcome): Promise<void> {
  const each = plan.items.map(async ({ task, values }) => {
    try {
      if (plan.kind === "delete") {
        await deleteTask(workflow, task);
        outcome.deleted += 1;
      } else {
        await writeTask(workflow, { values, task });
        outcome.updated += 1;
      }
    } catch (failure) {
      outcome.refused.push({ task, reasons: saidBy(failure) });
    }
  });
  await Promise.all(each);
}

function saidBy(failure: unknown): string[] {
  return isProblem(failure) && failure.faults.length > 0
    ? failure.faults.map((fault) => [...fault.path, sentence(fault)].join(": "))
    : [told(failure)];
}
