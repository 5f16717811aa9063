/** Links of a task: what they are called here, where they lead, and how they are written. */
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { useWorkflows, workflowQuery } from "@/api/queries";
import { ASSIGNED_TO, STAGE, TASK_URL, type Workflow } from "@/api/types";

export type Linked = Record<string, unknown>;

interface SaidLink {
  name: string;
  to: string;
  inverse: string;
  cardinality: "one-to-one" | "one-to-many" | "many-to-one" | "many-to-many";
}

export interface LinkOf {
  name: string;
  /** The other workflow; undefined where nobody knows it (yet). */
  target: Workflow | undefined;
  /** Whether a task may have several there. */
  many: boolean;
}

function saidLinks(workflow: Workflow): SaidLink[] {
  const said = workflow.file.workflow?.links;
  return Array.isArray(said) ? (said as SaidLink[]) : [];
}

/** The links of a workflow's tasks, those that other workflows declare included. */
export function useLinks(workflow: Workflow, names: readonly string[]): LinkOf[] {
  const own = saidLinks(workflow);
  const ownNames = new Set(own.map((link) => link.name));
  const foreign = names.filter((name) => !ownNames.has(name));
  const { data: workflows = [] } = useWorkflows();
  const wanted =
    foreign.length > 0
      ? workflows.map(({ id }) => id).filter((id) => id !== workflow.id)
      : [...new Set(own.map((link) => link.to).filter((id) => id !== workflow.id))];
  const found = useQueries({
    queries: wanted.map((id) => workflowQuery(id)),
    combine: (answers) => answers.map((answer) => answer.data),
  });
  return useMemo(() => {
    const known = [workflow, ...found.filter((one) => one !== undefined)];
    const here = own.map(({ name, to, cardinality }) => ({
      name,
      target: known.find((one) => one.id === to),
      many: cardinality.endsWith("-to-many"),
    }));
    const there = foreign.map((name) => {
      for (const other of known) {
        const link = saidLinks(other).find((one) => one.to === workflow.id && one.inverse === name);
        if (link) {
          return { name, target: other, many: link.cardinality.startsWith("many-to") };
        }
      }
      return { name, target: undefined, many: true };
    });
    return [...here, ...there];
  }, [workflow, found, own, foreign]);
}

/** The names of the links in a task: what is neither a field nor built in. */
export function linkNames(workflow: Workflow, task: Record<string, unknown>): string[] {
  const known = new Set([
    ...workflow.fields.map((field) => field.name),
    STAGE,
    ASSIGNED_TO,
    TASK_URL,
  ]);
  return Object.keys(task).filter((name) => !known.has(name));
}

export function linkedOf(value: unknown): Linked[] {
  const list = Array.isArray(value) ? value : value ? [value] : [];
  return list.filter((one): one is Linked => typeof one === "object" && one !== null);
}

/** Values as they are sent: linked tasks by nothing but their unique IDs. */
export function wired(
  values: Record<string, unknown>,
  links: readonly LinkOf[],
): Record<string, unknown> {
  const sent = { ...values };
  for (const { name, target, many } of links) {
    const key = target?.uniqueId?.name;
    if (key && name in sent) {
      const references = linkedOf(sent[name]).map((task) => ({ [key]: task[key] }));
      sent[name] = many ? references : (references[0] ?? null);
    }
  }
  return sent;
}
