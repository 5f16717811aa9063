import { Alert, Anchor, Table } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArchive,
  IconArrowsExchange,
  IconBan,
  IconCircleCheck,
  IconPencil,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { sentence } from "@/api/problem";
import type { WorkflowFile } from "@/api/types";
import { taskAddress, workflowAddress } from "@/app/places";
import { writeQuery } from "@/filters";
import { type Key, t } from "@/text";
import classes from "./Designer.module.css";
import { kindName, titleOf, uniqueOf } from "./kinds";
import type { Plan } from "./queries";

const TASK = /^[0-9a-f]{24}$/;

/** Whether values of tasks would not be shown any more. */
export function loses(plan: Plan): boolean {
  return (
    plan.removed.some(({ count }) => count > 0) || plan.conversions.some(({ kept }) => kept > 0)
  );
}

/** A plan in words: what blocks it, what it changes, and what becomes of the tasks. */
export function PlanView(props: { workflow: string; plan: Plan; saved: WorkflowFile | null }) {
  const { workflow, plan, saved } = props;
  const unique = saved ? uniqueOf(saved)?.field : undefined;
  const named = unique && saved ? titleOf(saved, unique) : null;
  const untouched =
    plan.breaking.length + plan.conversions.length + plan.removed.length + plan.faults.length === 0;
  return (
    <div className={classes.plan}>
      {plan.faults.length > 0 && (
        <Alert
          role="alert"
          color="red"
          icon={<IconBan aria-hidden />}
          title={t("designer.blocked")}
        >
          <ul className={classes.plain}>
            {plan.faults.map((fault) => (
              <li key={`${fault.path.join(".")}${fault.message}`}>
                {fault.path.length > 0 && <b>{fault.path.join(" › ")} </b>}
                {sentence(fault)}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      <Part icon={<IconPencil size={17} />} title={t("designer.changes")}>
        {plan.changes.length === 0 ? (
          <p className={classes.muted}>{t("designer.no_changes")}</p>
        ) : (
          <ul className={classes.changes}>
            {plan.changes.map(({ path, kind, text }) => (
              <li key={`${path.join(".")}${text}`}>
                <span className={classes.badge} data-kind={kind}>
                  {t(`designer.change_${kind}` as Key)}
                </span>
                <span>{text}</span>
              </li>
            ))}
          </ul>
        )}
      </Part>
      {plan.breaking.length > 0 && (
        <Part
          icon={<IconAlertTriangle size={17} />}
          title={t("designer.breaking")}
          text={t("designer.breaking_hint")}
        >
          <ul className={classes.effects}>
            {plan.breaking.map((rule) => (
              <li key={`${rule.path.join(".")}${rule.message}`}>
                <b>{rule.message}</b>
                <span className={classes.muted}>{t("designer.tasks", { count: rule.count })}</span>
                <TaskLinks workflow={workflow} unique={named} tasks={rule.tasks} of={rule.count} />
              </li>
            ))}
          </ul>
        </Part>
      )}
      {plan.conversions.map((one) => (
        <Part
          key={one.field}
          icon={<IconArrowsExchange size={17} />}
          title={t("designer.converts", {
            field: one.field,
            from: kindName(one.from as never),
            to: kindName(one.to as never),
          })}
          text={`${t("designer.converted", { count: one.converted })} ${t("designer.converted_kept", { count: one.kept })}`}
        >
          {one.examples.length > 0 && (
            <Table withRowBorders className={classes.examples}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("designer.example_task")}</Table.Th>
                  <Table.Th>{t("designer.example_value")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {one.examples.map(({ task, value }) => (
                  <Table.Tr key={task}>
                    <Table.Td>
                      <TaskLinks workflow={workflow} unique={named} tasks={[task]} of={1} />
                    </Table.Td>
                    <Table.Td>
                      <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Part>
      ))}
      {plan.removed.length > 0 && (
        <Part
          icon={<IconArchive size={17} />}
          title={t("designer.removed")}
          text={t("designer.removed_hint")}
        >
          <ul className={classes.effects}>
            {plan.removed.map(({ field, key, count }) => (
              <li key={key}>
                <b>{field}</b>
                <span className={classes.muted}>{t("designer.kept_count", { count })}</span>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {untouched && (
        <Part icon={<IconCircleCheck size={17} />} title={t("designer.untouched")}>
          <p className={classes.muted}>{t("designer.untouched_text", { count: plan.tasks })}</p>
        </Part>
      )}
      {!plan.exact && <Alert color="orange">{t("designer.inexact")}</Alert>}
    </div>
  );
}

function Part(props: { icon: ReactNode; title: string; text?: string; children?: ReactNode }) {
  const { icon, title, text, children } = props;
  return (
    <section className={classes.part}>
      <h3>
        <span aria-hidden>{icon}</span>
        {title}
      </h3>
      {text && <p className={classes.muted}>{text}</p>}
      {children}
    </section>
  );
}

/** Tasks by their unique IDs, each a link, and all of those that are named in the table. */
function TaskLinks(props: {
  workflow: string;
  unique: string | null;
  tasks: readonly string[];
  of: number;
}) {
  const { workflow, unique, tasks, of } = props;
  const found = (uids: readonly string[]) => {
    const op = uids.length > 1 ? "in" : "eq";
    const value = uids.length > 1 ? uids : uids[0];
    const where = { field: unique ?? "", op, value } as never;
    return `${workflowAddress(workflow)}?${writeQuery({ where, sort: [], q: "" })}`;
  };
  const address = (uid: string) =>
    unique ? found([uid]) : TASK.test(uid) ? taskAddress(workflow, uid) : null;
  return (
    <span className={classes.tasks}>
      {tasks.map((uid) => {
        const to = address(uid);
        return to ? (
          <Anchor key={uid} size="sm" component={Link} to={to} target="_blank">
            {uid}
          </Anchor>
        ) : (
          <span key={uid}>{uid}</span>
        );
      })}
      {of > tasks.length && <span>{t("designer.more_tasks", { count: of - tasks.length })}</span>}
      {unique && tasks.length > 1 && (
        <Anchor size="sm" component={Link} to={found(tasks)} target="_blank">
          {t("designer.in_table")}
        </Anchor>
      )}
    </span>
  );
}
