/** Where a card may go, as far as that can be known before the server is asked. */
import { useMemo } from "react";
import { useMembers } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { assigneesOf, type Field, STAGE, type Stage, type Task, type Workflow } from "@/api/types";
import { isUnset } from "@/fields";
import { t } from "@/text";

/** What a role may do, as the workflow file says it. */
interface RoleSaid {
  name: string;
  id?: string;
  admin?: boolean;
  create?: boolean;
  update?: "all" | "none" | string[];
  move?: "freely" | "actions";
}

const APPROVAL_STAGES = {
  start: "Created",
  waiting: "Awaiting Approval",
  done: "Completed",
  cancelled: "Cancelled",
};

export interface Rules {
  /** Why no card may be moved at all. */
  fixed: string | null;
  /** Whether one may make tasks. */
  creates: boolean;
  /** Why this card may not be moved at all. */
  held: (task: Task) => string | null;
  /** Why this card may not go from its stage to another. */
  forbidden: (task: Task, to: Stage) => string | null;
}

/** The rules for who is signed in; what they cannot know, the server says at the drop. */
export function useRules(workflow: Workflow): Rules {
  const me = useStore(session)?.user;
  const { data: members } = useMembers(workflow.id);
  return useMemo(() => {
    const given = members?.find((member) => member.email === me?.email)?.role_id;
    const roles = (workflow.file.workflow?.roles ?? []) as unknown as RoleSaid[];
    const role = roles.find((one) => (one.id ?? one.name) === given);
    const bound = role && !role.admin && me?.role !== "admin" ? role : null;
    return rulesOf(workflow, bound, me?.email ?? "");
  }, [workflow, me, members]);
}

function rulesOf(workflow: Workflow, role: RoleSaid | null, email: string): Rules {
  const fixed =
    role?.move === "actions"
      ? t("board.no_move", { role: role.name })
      : role?.update === "none"
        ? t("board.no_update", { role: role.name })
        : null;
  const held = (task: Task) => {
    const rows = role?.update;
    // Who made a task is not told in lists: where that counts, the server decides.
    const others = Array.isArray(rows) && !rows.includes("created");
    const mine = assigneesOf(task).includes(email);
    return fixed ?? (others && !mine ? t("board.not_yours", { role: role?.name ?? "" }) : null);
  };
  const forbidden = (task: Task, to: Stage) =>
    held(task) ?? transition(workflow, task, to) ?? approval(workflow, task, to);
  return { fixed, creates: role?.create !== false, held, forbidden };
}

function transition(workflow: Workflow, task: Task, to: Stage): string | null {
  const ways = workflow.file.workflow?.transitions;
  const from = task[STAGE];
  const known = workflow.stages.some((stage) => stage.name === from);
  if (typeof ways !== "object" || from === to.name || !known || ways[from]?.includes(to.name)) {
    return null;
  }
  const ends = ways[from] ?? [];
  return ends.length > 0
    ? t("board.no_way", { from, to: to.name, ends: ends.join(", ") })
    : t("board.no_way_at_all", { from });
}

/** The stages of approvals follow from the steps, and not from a hand. */
function approval(workflow: Workflow, task: Task, to: Stage): string | null {
  const rule = workflow.file.workflow?.approvals as
    | { steps?: string; stages?: Partial<typeof APPROVAL_STAGES> }
    | undefined;
  if (!rule) {
    return null;
  }
  const { start, waiting, done, cancelled } = { ...APPROVAL_STAGES, ...rule.stages };
  const from = task[STAGE];
  const steps = task[stepsField(workflow)?.name ?? ""];
  const several = Array.isArray(steps) && steps.length > 1;
  const decides = [start, done, cancelled].includes(to.name);
  const byRule =
    [from, to.name].includes(waiting) || (several && (decides || (to.end && from !== done)));
  return byRule && from !== to.name ? t("board.by_approval", { stage: to.name }) : null;
}

/** The field whose value says whether a stage follows from approvals. */
export function stepsField(workflow: Workflow): Field | undefined {
  const rule = workflow.file.workflow?.approvals;
  return rule ? workflow.fields.find((field) => field.id === rule.steps) : undefined;
}

/** The fields that have to be set before a task enters a stage, and are not. */
export function missingFor(
  workflow: Workflow,
  to: Stage,
  task: Task,
  values: Record<string, unknown>,
): Field[] {
  const set = { ...task, ...values };
  return workflow.fields.filter(
    (field) =>
      to.require.includes(field.id) && (isUnset(set[field.name]) || set[field.name] === ""),
  );
}
