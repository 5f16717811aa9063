/** A new task: what is needed first, all else below it. */
import { Button, Checkbox, Collapse, Drawer, Group, Stack, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { ask, at, isProblem } from "@/api/client";
import type { Fault } from "@/api/problem";
import { sentence } from "@/api/problem";
import { type Field, STAGE, type Task, titleOf, type Workflow } from "@/api/types";
import { Editor, isUnset } from "@/fields";
import { useDraft } from "@/shared/drafts";
import { FaultList } from "@/shared/FaultList";
import { showDone } from "@/shared/notices";
import { t } from "@/text";
import { everyField } from "./columns";
import { isStage } from "./kinds";
import { StageSelect } from "./StageSelect";

interface Props {
  workflow: Workflow;
  /** Values to begin with, such as those that the filter asks for. */
  begin: Record<string, unknown>;
  onClose: () => void;
  onCreated: (task: Task) => void;
}

type Values = Record<string, unknown>;

const EXISTS = 412;

export function NewTask(props: Props) {
  return (
    <Drawer
      opened
      onClose={props.onClose}
      position="right"
      size={460}
      title={t("table.new_title")}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <Form {...props} />
    </Drawer>
  );
}

function Form({ workflow, begin, onClose, onCreated }: Props) {
  const { draft, set, drop } = useDraft<Values>(["new", workflow.id]);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [again, setAgain] = useState(false);
  const [all, setAll] = useState(false);
  const [round, setRound] = useState(0);
  const values = draft ?? begin;
  const fields = everyField(workflow).filter((field) => field.type !== "approvalSteps");
  const needed = neededFields(workflow, fields);
  const others = fields.filter((field) => !needed.includes(field));
  const faulty = others.filter((field) => of(failure, field).length > 0);
  const submit = async () => {
    setBusy(true);
    setFailure(null);
    const given = Object.entries(values).filter(([, value]) => !isUnset(value));
    try {
      const headers: Record<string, string> = { "If-None-Match": "*" };
      const json = Object.fromEntries(given);
      const { data } = await ask<Task>("POST", at(workflow.id, "tasks"), {
        json,
        ...(workflow.uniqueId ? { headers } : {}),
      });
      drop();
      showDone(t("table.new_created", { name: titleOf(workflow, data) }));
      onCreated(data);
      setRound((now) => now + 1);
      if (!again) {
        onClose();
      }
    } catch (reason) {
      setFailure(reason);
    } finally {
      setBusy(false);
    }
  };
  const one = (field: Field, place: number) =>
    isStage(field) ? (
      <StageSelect
        key={field.name}
        workflow={workflow}
        label={field.name}
        value={values[STAGE] ?? null}
        fault={of(failure, field).map(sentence).join(". ") || undefined}
        onChange={(stage) => set({ ...values, [STAGE]: stage })}
      />
    ) : (
      <Editor
        key={`${field.name}:${round}`}
        field={{ ...field, editable: true }}
        value={values[field.name] ?? null}
        required={needed.includes(field)}
        workflow={workflow.id}
        autoFocus={place === 0}
        fault={of(failure, field).map(sentence).join(". ") || undefined}
        onChange={(value) => set({ ...values, [field.name]: value })}
      />
    );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack>
        {draft !== null && round === 0 && failure === null && (
          <Text size="xs" c="dimmed">
            {t("table.new_draft")}
          </Text>
        )}
        {needed.map(one)}
        {faulty.map((field) => one(field, 1))}
        <Button
          variant="subtle"
          color="gray"
          style={{ alignSelf: "flex-start" }}
          leftSection={all ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
          aria-expanded={all}
          onClick={() => setAll((now) => !now)}
        >
          {t("table.new_others", { count: others.length - faulty.length })}
        </Button>
        <Collapse expanded={all}>
          <Stack>{others.filter((field) => !faulty.includes(field)).map((f) => one(f, 1))}</Stack>
        </Collapse>
        <FaultList
          failure={failure}
          without={(fault) => fields.some((field) => isOf(fault, field))}
        />
        <Group justify="space-between">
          <Checkbox
            size="xs"
            label={t("table.new_again")}
            checked={again}
            onChange={(event) => setAgain(event.currentTarget.checked)}
          />
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              {t("shared.cancel")}
            </Button>
            <Button type="submit" loading={busy}>
              {t("table.new_create")}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

/** What a task has to have, and what its first stage asks for; else what it is called by. */
function neededFields(workflow: Workflow, fields: readonly Field[]): Field[] {
  const initial = workflow.stages.find((stage) => stage.initial) ?? workflow.stages[0];
  const asked = new Set(initial?.require ?? []);
  const needed = fields.filter(
    (field) =>
      !isStage(field) &&
      !field.autoincrement &&
      (field.required || asked.has(field.id) || field.id === workflow.uniqueId?.id),
  );
  const named = fields.find((field) => field.type === "text" && !field.autoincrement);
  return named && !needed.includes(named) ? [...needed, named] : needed;
}

function isOf(fault: Fault, field: Field): boolean {
  return fault.path[0] === field.name || fault.key === field.id;
}

function of(failure: unknown, field: Field): Fault[] {
  return isProblem(failure) && failure.status !== EXISTS
    ? failure.faults.filter((fault) => isOf(fault, field))
    : [];
}
