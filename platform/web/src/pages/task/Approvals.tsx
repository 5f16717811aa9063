import { Button, Group, Text, Textarea } from "@mantine/core";
import { IconCheck, IconClock, IconPlayerTrackNext, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useMembers, useRoles } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { type Task, taskId, uidOf, type Workflow } from "@/api/types";
import { useNames } from "@/fields/person";
import { Avatar } from "@/shared/Avatar";
import { FaultList } from "@/shared/FaultList";
import { showDone } from "@/shared/notices";
import { When } from "@/shared/When";
import { type Key, t } from "@/text";
import {
  type Answered,
  actionsFor,
  approvers,
  awaited,
  isSettled,
  ruleOf,
  type Step,
  stepsOf,
  turnOf,
} from "./approving";
import { Panel } from "./Panel";
import { type Action, useAct } from "./queries";
import classes from "./task.module.css";

const LABELS: Record<Action, Key> = {
  SUBMIT: "task.do_submit",
  APPROVE: "task.do_approve",
  REJECT: "task.do_reject",
  SKIP: "task.do_skip",
  CANCEL: "task.do_cancel",
  RESTART: "task.do_restart",
};
const DONE: Record<string, Key> = {
  APPROVE: "task.did_approve",
  REJECT: "task.did_reject",
  SKIP: "task.did_skip",
};

/** The approvals of a task: who did what, whose turn it is, and what one can do oneself. */
export function Approvals(props: { workflow: Workflow; task: Task; locked: boolean }) {
  const { workflow, task, locked } = props;
  const rule = ruleOf(workflow);
  const party = useParty(workflow.id);
  if (!rule) {
    return null;
  }
  const steps = stepsOf(task[rule.steps.name]);
  const waiting = task.Stage === rule.stages.waiting;
  const turn = turnOf(steps);
  return (
    <Panel title={t("task.approvals")} id="task-approvals">
      {waiting && <Next workflow={workflow.id} step={steps[turn]} me={party.email} />}
      {steps.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("task.no_steps")}
        </Text>
      ) : (
        <ol className={classes.steps}>
          {steps.map((step, place) => (
            <OneStep
              // biome-ignore lint/suspicious/noArrayIndexKey: a step is what its place says
              key={place}
              step={step}
              number={place + 1}
              current={waiting && place === turn}
              workflow={workflow.id}
            />
          ))}
        </ol>
      )}
      <Actions
        workflow={workflow}
        task={task}
        locked={locked}
        actions={actionsFor(workflow, rule, task, party)}
      />
    </Panel>
  );
}

function useParty(workflow: string) {
  const user = useStore(session)?.user;
  const email = user?.email ?? "";
  const { data: members = [] } = useMembers(workflow);
  const { data: roles = [] } = useRoles(workflow);
  const own = members.find((member) => member.email === email)?.role_id;
  const rules = user?.role === "admin" || roles.some((role) => role.id === own && role.admin);
  return { email, rules };
}

function Next(props: { step: Step | undefined; workflow: string; me: string }) {
  const { step, workflow, me } = props;
  const name = useNames(workflow);
  const people = awaited(step);
  const mine = people.includes(me);
  const others = people.filter((email) => email !== me).map(name);
  const all = step?.completionMode === "ALL";
  return (
    <div className={mine ? `${classes.next} ${classes.mine}` : classes.next} role="status">
      <IconClock size={16} aria-hidden />
      <Text size="sm">
        {mine
          ? others.length > 0
            ? t(all ? "task.next_you_and" : "task.next_you_or", { names: others.join(", ") })
            : t("task.next_you")
          : t("task.next_others", { names: others.join(", ") || t("shared.nobody") })}
      </Text>
    </div>
  );
}

interface StepProps {
  step: Step;
  number: number;
  current: boolean;
  workflow: string;
}

function OneStep({ step, number, current, workflow }: StepProps) {
  const name = useNames(workflow);
  const approved = approvers(step);
  const settled = isSettled(step);
  const mode = step.completionMode === "ALL" ? "task.step_all" : "task.step_one";
  return (
    <li
      className={classes.step}
      data-current={current || undefined}
      data-settled={settled || undefined}
    >
      <span className={classes.marker} aria-hidden>
        {settled ? <IconCheck size={13} stroke={2.6} /> : number}
      </span>
      <div className={classes.stepBody}>
        <Text size="xs" c="dimmed">
          {step.participants.length > 1 ? t(mode) : t("fields.step", { number })}
        </Text>
        <ul className={classes.people}>
          {step.participants.map((email) => (
            <li key={email}>
              <Avatar email={email} name={name(email)} size={20} />
              <Text span size="sm" truncate>
                {name(email)}
              </Text>
              {approved.has(email) && (
                <IconCheck size={14} role="img" aria-label={t("task.did_approve")} />
              )}
            </li>
          ))}
        </ul>
        {step.responses.map((response) => (
          <Answer key={`${response.at}:${response.by}`} response={response} workflow={workflow} />
        ))}
      </div>
    </li>
  );
}

function Answer({ response, workflow }: { response: Answered; workflow: string }) {
  const name = useNames(workflow);
  const label = DONE[response.action];
  return (
    <div className={classes.answer} data-action={response.action}>
      <Text size="xs">
        <b>{response.by ? name(response.by) : t("task.somebody")}</b>{" "}
        {label ? t(label) : response.action} · <When at={response.at} />
      </Text>
      {response.comment && (
        <Text size="sm" className={classes.comment}>
          {response.comment}
        </Text>
      )}
    </div>
  );
}

interface ActionsProps {
  workflow: Workflow;
  task: Task;
  actions: readonly Action[];
  locked: boolean;
}

function Actions({ workflow, task, actions, locked }: ActionsProps) {
  const id = taskId(task);
  const act = useAct(workflow.id, id, uidOf(workflow, task) ?? id);
  const [comment, setComment] = useState("");
  if (actions.length === 0) {
    return null;
  }
  const take = (action: Action) =>
    act.mutate(
      { action, comment: comment.trim() || null },
      {
        onSuccess: () => {
          setComment("");
          showDone(t("task.action_done", { action: t(LABELS[action]) }));
        },
      },
    );
  const answers = actions.includes("APPROVE") || actions.includes("REJECT");
  return (
    <div className={classes.actions}>
      <Textarea
        label={t("task.comment")}
        placeholder={t(answers ? "task.comment_answer" : "task.comment_hint")}
        autosize
        minRows={answers ? 2 : 1}
        maxRows={8}
        maxLength={2000}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        mb={8}
      />
      <Group gap={6}>
        {actions.map((action) => (
          <Button
            key={action}
            size="xs"
            disabled={locked || act.isPending}
            loading={act.isPending && act.variables.action === action}
            variant={action === "APPROVE" || action === "SUBMIT" ? "filled" : "default"}
            className={action === "REJECT" ? classes.reject : undefined}
            leftSection={<ActionIcon action={action} />}
            onClick={() => take(action)}
          >
            {t(LABELS[action])}
          </Button>
        ))}
      </Group>
      {act.error && <FaultList failure={act.error} />}
    </div>
  );
}

function ActionIcon({ action }: { action: Action }) {
  const icons: Partial<Record<Action, React.ReactNode>> = {
    APPROVE: <IconCheck size={15} />,
    REJECT: <IconX size={15} />,
    SKIP: <IconPlayerTrackNext size={15} />,
  };
  return icons[action] ?? null;
}
