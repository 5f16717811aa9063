import { Button, Group, Modal, Stack, Table, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Problem, sentence } from "@/api/problem";
import { STAGE, titleOf, type Workflow } from "@/api/types";
import { byTitle } from "@/api/workflow";
import { Cell, Editor } from "@/fields";
import { FaultList } from "@/shared/FaultList";
import { StageBadge } from "@/shared/Pill";
import { ago } from "@/shared/When";
import { t } from "@/text";
import type { Question, useMoves } from "./moves";

interface Props {
  workflow: Workflow;
  moves: ReturnType<typeof useMoves>;
}

/** What is asked before a card may stay where it was put. */
export function Dialogs({ workflow, moves }: Props) {
  const { question } = moves;
  if (!question) {
    return null;
  }
  const { move } = question;
  const cancel = () => moves.cancel(move);
  switch (question.kind) {
    case "limit":
      return (
        <LimitDialog
          question={question}
          name={titleOf(workflow, move.task)}
          onCancel={cancel}
          onAllow={() => moves.allow(move)}
        />
      );
    case "form":
      return (
        <FormDialog
          key={move.id}
          workflow={workflow}
          question={question}
          onCancel={cancel}
          onFill={(values) => moves.fill(question, values)}
        />
      );
    case "conflict":
      return (
        <ConflictDialog
          workflow={workflow}
          question={question}
          onCancel={cancel}
          onInsist={() => moves.insist(question)}
        />
      );
  }
}

function Dialog(props: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      returnFocus={false}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      {props.children}
    </Modal>
  );
}

function LimitDialog(props: {
  question: Extract<Question, { kind: "limit" }>;
  name: string;
  onCancel: () => void;
  onAllow: () => void;
}) {
  const { move, held, limit } = props.question;
  const stage = move.to.name;
  return (
    <Dialog title={t("board.limit_title", { stage })} onClose={props.onCancel}>
      <Stack>
        <Text size="sm">
          {t("board.limit_text", { stage, count: held, limit, name: props.name })}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onCancel} data-autofocus>
            {t("shared.cancel")}
          </Button>
          <Button onClick={props.onAllow}>{t("board.limit_action")}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** Exactly the fields that the stage asks for, saved together with the stage. */
function FormDialog(props: {
  workflow: Workflow;
  question: Extract<Question, { kind: "form" }>;
  onCancel: () => void;
  onFill: (values: Record<string, unknown>) => Promise<void>;
}) {
  const { workflow, question, onCancel, onFill } = props;
  const { move, task, fields, failure } = question;
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [busy, setBusy] = useState(false);
  const problem = failure instanceof Problem ? failure : null;
  const faultOf = (field: (typeof fields)[number]) =>
    problem?.of(field).map(sentence).join(" ") || undefined;
  const [first] = fields;
  const submit = async () => {
    setBusy(true);
    await onFill(values);
    setBusy(false);
  };
  return (
    <Dialog title={t("board.form_title", { stage: move.to.name })} onClose={onCancel}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack>
          <Text size="sm" c="dimmed">
            {t("board.form_text", { count: fields.length, name: titleOf(workflow, task) })}
          </Text>
          {fields.map((field) => (
            <Editor
              key={field.id}
              field={field}
              workflow={workflow.id}
              value={field.name in values ? values[field.name] : task[field.name]}
              onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
              fault={faultOf(field)}
              autoFocus={field === first}
              required
            />
          ))}
          <FaultList
            failure={failure}
            without={(fault) =>
              fields.some((field) => fault.path[0] === field.name || fault.key === field.id)
            }
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onCancel}>
              {t("shared.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("board.form_action")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** What others did to the same field, beside what was wanted. */
function ConflictDialog(props: {
  workflow: Workflow;
  question: Extract<Question, { kind: "conflict" }>;
  onCancel: () => void;
  onInsist: () => Promise<void>;
}) {
  const { workflow, question, onCancel, onInsist } = props;
  const { move, conflicts, last } = question;
  const [busy, setBusy] = useState(false);
  const change = last?.changes.find((one) => one.field === STAGE);
  const insist = async () => {
    setBusy(true);
    await onInsist();
  };
  const shown = (title: string, value: unknown) => {
    const field = byTitle(workflow, title);
    if (title === STAGE) {
      return <StageBadge stages={workflow.stages} name={String(value)} />;
    }
    return field ? <Cell field={field} value={value} workflow={workflow.id} /> : String(value);
  };
  return (
    <Dialog title={t("board.conflict_title")} onClose={onCancel}>
      <Stack>
        <Text size="sm">
          {t("board.conflict_text", { name: titleOf(workflow, move.task) })}{" "}
          {last && change
            ? t("board.conflict_by", {
                name: last.by?.name || last.by?.email || t("shared.nobody"),
                from: String(change.from),
                to: String(change.to),
                ago: ago(last.at),
              })
            : ""}
        </Text>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("board.conflict_field")}</Table.Th>
              <Table.Th>{t("board.conflict_base")}</Table.Th>
              <Table.Th>{t("board.conflict_theirs")}</Table.Th>
              <Table.Th>{t("board.conflict_yours")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(conflicts).map(([title, sides]) => (
              <Table.Tr key={title}>
                <Table.Th scope="row">{title}</Table.Th>
                <Table.Td>{shown(title, sides.base)}</Table.Td>
                <Table.Td>{shown(title, sides.theirs)}</Table.Td>
                <Table.Td>{shown(title, sides.yours)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel} data-autofocus>
            {t("board.conflict_keep")}
          </Button>
          <Button loading={busy} onClick={insist}>
            {t("board.conflict_insist", { stage: move.to.name })}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
