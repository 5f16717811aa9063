/** Whose turn it is in a process of approvals, and who may do what: as the server decides it. */
import type { Field, Task, Workflow } from "@/api/types";
import { assigneesOf } from "@/api/types";
import type { Action } from "./queries";

export interface Answered {
  action: string;
  comment: string | null;
  at: string;
  by: string | null;
}

export interface Step {
  completionMode: "ONE" | "ALL";
  participants: string[];
  dueDate: string | null;
  responses: Answered[];
}

interface Rule {
  steps: Field;
  owner: Field | undefined;
  stages: { start: string; waiting: string; done: string; returned: string; cancelled: string };
}

const USUAL = {
  start: "Created",
  waiting: "Awaiting Approval",
  done: "Completed",
  returned: "Returned",
  cancelled: "Cancelled",
};

/** The process of a workflow; null where it has none. */
export function ruleOf(workflow: Workflow): Rule | null {
  const said = workflow.file.workflow?.approvals as
    | { steps?: string; owner?: string; stages?: Partial<typeof USUAL> }
    | undefined;
  const steps = workflow.fields.find((field) => field.id === said?.steps);
  const owner = workflow.fields.find((field) => field.id === said?.owner);
  return said && steps ? { steps, owner, stages: { ...USUAL, ...said.stages } } : null;
}

export function stepsOf(value: unknown): Step[] {
  const steps = Array.isArray(value) ? (value as Partial<Step>[]) : [];
  return steps.map((step) => ({
    completionMode: step.completionMode ?? "ONE",
    participants: step.participants ?? [],
    dueDate: step.dueDate ?? null,
    responses: step.responses ?? [],
  }));
}

export function approvers(step: Step): Set<string> {
  const approved = step.responses.filter((one) => one.action === "APPROVE");
  return new Set(approved.flatMap((one) => one.by ?? []));
}

export function isSettled(step: Step): boolean {
  const actions = new Set(step.responses.map((one) => one.action));
  if (actions.has("SKIP")) {
    return true;
  }
  const approved = approvers(step);
  if (approved.size === 0 || actions.has("REJECT")) {
    return false;
  }
  return step.completionMode === "ONE" || step.participants.every((one) => approved.has(one));
}

/** The place of the first step that is not settled; their number where all are. */
export function turnOf(steps: readonly Step[]): number {
  const open = steps.findIndex((step) => !isSettled(step));
  return open < 0 ? steps.length : open;
}

/** Who is asked next. */
export function awaited(step: Step | undefined): string[] {
  const approved = step ? approvers(step) : new Set();
  return step?.participants.filter((one) => !approved.has(one)) ?? [];
}

export interface Party {
  email: string;
  /** Has all rights in the workflow. */
  rules: boolean;
}

/** What somebody can do now. */
export function actionsFor(workflow: Workflow, rule: Rule, task: Task, party: Party): Action[] {
  const { stages } = rule;
  const stage = task.Stage;
  const steps = stepsOf(task[rule.steps.name]);
  const step = steps[turnOf(steps)];
  const assigned = assigneesOf(task);
  const ends = workflow.stages.some((one) => one.name === stage && one.end);
  const over = ends || stage === stages.done || stage === stages.cancelled;
  const owns = rule.owner !== undefined && task[rule.owner.name] === party.email;
  const leads = owns || party.rules;
  const taking = step?.participants.includes(party.email) ?? false;
  const waiting = stage === stages.waiting;
  const possible: [Action, boolean][] = [
    ["APPROVE", waiting && taking && step !== undefined && !approvers(step).has(party.email)],
    ["REJECT", waiting && taking],
    ["SKIP", waiting && (taking || leads)],
    [
      "SUBMIT",
      !over && !waiting && (leads || assigned.includes(party.email) || assigned.length === 0),
    ],
    ["RESTART", stage !== stages.start && (leads || assigned.includes(party.email))],
    ["CANCEL", !over && leads],
  ];
  return possible.filter(([, may]) => may).map(([action]) => action);
}
