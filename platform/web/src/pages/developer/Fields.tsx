import { Code, Table } from "@mantine/core";
import type { ReactNode } from "react";
import type { Field, Kind, Task, Workflow } from "@/api/types";
import { ASSIGNED_TO, STAGE, TASK_URL } from "@/api/types";
import { Copy } from "@/shared/Copy";
import { StageBadge } from "@/shared/Pill";
import { t } from "@/text";
import classes from "./Developer.module.css";
import { EXAMPLES, kindName } from "./kinds";
import { rulesOf } from "./rules";

/** Every name that a task has on the wire, and what may stand there. */
export function Fields({ workflow, task }: { workflow: Workflow; task?: Task }) {
  return (
    <>
      <p className={classes.lead}>{t("developer.fields_text")}</p>
      <section
        className={classes.table}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it
        tabIndex={0}
        aria-label={t("developer.fields")}
      >
        <Table verticalSpacing={9} horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("developer.field_title")}</Table.Th>
              <Table.Th>{t("developer.field_key")}</Table.Th>
              <Table.Th>{t("developer.field_kind")}</Table.Th>
              <Table.Th>{t("developer.field_example")}</Table.Th>
              <Table.Th>{t("developer.field_rules")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <BuiltIn
              name={STAGE}
              kind={t("developer.kind_stage")}
              rules={t("developer.stage_rules")}
            >
              <div className={classes.options}>
                {workflow.stages.map(({ name }) => (
                  <StageBadge key={name} stages={workflow.stages} name={name} />
                ))}
              </div>
            </BuiltIn>
            <BuiltIn
              name={ASSIGNED_TO}
              kind={t(workflow.several ? "developer.kind_people" : "developer.kind_person")}
              rules={t("developer.assigned_rules")}
            >
              <Example value={workflow.several ? EXAMPLES.personList : EXAMPLES.person} />
            </BuiltIn>
            {workflow.fields.map((field) => (
              <Row key={field.id} workflow={workflow} field={field} task={task} />
            ))}
            <BuiltIn
              name={TASK_URL}
              kind={t("developer.kind_url")}
              rules={t("developer.url_rules")}
            >
              <Example value={`${window.location.origin}/workflows/${workflow.id}/tasks/…`} />
            </BuiltIn>
          </Table.Tbody>
        </Table>
      </section>
    </>
  );
}

interface BuiltInProps {
  name: string;
  kind: string;
  rules: string;
  children: ReactNode;
}

function BuiltIn({ name, kind, rules, children }: BuiltInProps) {
  return (
    <Table.Tr>
      <Table.Td className={classes.name}>
        <Named title={name} />
      </Table.Td>
      <Table.Td>
        <span className={classes.fact}>{t("developer.built_in")}</span>
      </Table.Td>
      <Table.Td>{kind}</Table.Td>
      <Table.Td>{children}</Table.Td>
      <Table.Td className={classes.rules}>{rules}</Table.Td>
    </Table.Tr>
  );
}

/** A value as one sends it: of a real task where its form is nobody's guess. */
function exampleOf(field: Field, task: Task | undefined): unknown {
  if (field.type === "multipleSelect") {
    return field.options?.slice(0, 2);
  }
  const real = FREE.has(field.type) && task && Object.hasOwn(task, field.name);
  return (real ? task[field.name] : null) ?? EXAMPLES[field.type];
}

const FREE = new Set<Kind>(["uniqueId", "text"]);

function Row({ workflow, field, task }: { workflow: Workflow; field: Field; task?: Task }) {
  const rules = rulesOf(workflow, field);
  const { description } = field.schema;
  return (
    <Table.Tr>
      <Table.Td className={classes.name}>
        <Named title={field.name} />
        {typeof description === "string" && <p>{description}</p>}
      </Table.Td>
      <Table.Td>
        <Code>{field.id}</Code>
      </Table.Td>
      <Table.Td>{kindName(field.type)}</Table.Td>
      <Table.Td>
        {field.type === "singleSelect" && field.options ? (
          <div className={classes.options}>
            {field.options.map((option) => (
              <Code key={option}>{JSON.stringify(option)}</Code>
            ))}
          </div>
        ) : (
          <Example value={exampleOf(field, task)} />
        )}
      </Table.Td>
      <Table.Td className={classes.rules}>
        {field.required && <b>{t("developer.rule_required")}</b>}
        {rules.length > 0 && (
          <ul>
            {rules.map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ul>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Named({ title }: { title: string }) {
  return (
    <div className={classes.named}>
      <span>{title}</span>
      <Copy text={title} />
    </div>
  );
}

function Example({ value }: { value: unknown }) {
  return value === undefined ? null : (
    <Code className={classes.example}>{JSON.stringify(value)}</Code>
  );
}
