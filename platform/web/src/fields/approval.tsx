import {
  ActionIcon,
  Button,
  Group,
  Input,
  MultiSelect,
  Paper,
  Select,
  Stack,
  Text,
} from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useMembers } from "@/api/queries";
import { Avatar } from "@/shared/Avatar";
import { t } from "@/text";
import { framed } from "./editing";
import type { CellProps, EditorProps, KindOfField } from "./kind";
import { datetime } from "./moment";
import { nameOf, useNames } from "./person";

export interface Step {
  completionMode: "ONE" | "ALL";
  participants: string[];
  dueDate?: string | null;
  responses?: { participant?: string; action?: string; at?: string; comment?: string }[];
}

export function stepsOf(value: unknown): Step[] {
  return Array.isArray(value) ? (value as Step[]) : [];
}

function StepsCell({ value, workflow = "" }: CellProps) {
  const name = useNames(workflow);
  const steps = stepsOf(value);
  return steps.length === 0 ? null : (
    <Group component="span" gap={4} wrap="nowrap">
      {[...new Set(steps.flatMap((step) => step.participants))].slice(0, 5).map((email) => (
        <Avatar key={email} tip email={email} name={name(email)} size={20} />
      ))}
      <span>{t("fields.steps", { count: steps.length })}</span>
    </Group>
  );
}

function StepsEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  const steps = stepsOf(value);
  const disabled = Boolean(framed(props).disabled);
  const set = (next: Step[]) => {
    onChange(next);
    onCommit?.(next);
  };
  const change = (place: number, changes: Partial<Step>) =>
    set(steps.map((step, at) => (at === place ? { ...step, ...changes } : step)));
  return (
    <Input.Wrapper
      label={props.inline ? undefined : field.name}
      labelElement="div"
      required={props.required ?? field.required}
      error={props.fault}
    >
      <Stack gap="xs" mt={4}>
        {steps.map((step, place) => (
          <OneStep
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is what its place says
            key={place}
            {...props}
            disabled={disabled}
            step={step}
            number={place + 1}
            change={(changes) => change(place, changes)}
            remove={() => set(steps.filter((_, at) => at !== place))}
          />
        ))}
        {!disabled && (
          <Button
            variant="default"
            leftSection={<IconPlus size={15} />}
            style={{ alignSelf: "flex-start" }}
            onClick={() => onChange([...steps, { completionMode: "ONE", participants: [] }])}
          >
            {t("fields.add_step")}
          </Button>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

interface OneStepProps extends EditorProps {
  step: Step;
  number: number;
  change: (changes: Partial<Step>) => void;
  remove: () => void;
}

function OneStep({ step, number, change, remove, disabled, workflow = "", field }: OneStepProps) {
  const { data: members = [] } = useMembers(workflow);
  const known = new Map(members.map((member) => [member.email, nameOf(member)]));
  const people = [...new Set([...known.keys(), ...step.participants])];
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={600}>
          {t("fields.step", { number })}
        </Text>
        {!disabled && (
          <ActionIcon aria-label={t("fields.remove_step", { number })} onClick={remove}>
            <IconX size={15} />
          </ActionIcon>
        )}
      </Group>
      <Stack gap="xs">
        <MultiSelect
          aria-label={t("fields.step_people", { number })}
          data={people.map((email) => ({ value: email, label: known.get(email) ?? email }))}
          value={step.participants}
          disabled={disabled}
          searchable
          onChange={(participants) => change({ participants })}
        />
        <Select
          aria-label={t("fields.step_mode", { number })}
          data={[
            { value: "ONE", label: t("fields.step_one") },
            { value: "ALL", label: t("fields.step_all") },
          ]}
          value={step.completionMode}
          disabled={disabled}
          allowDeselect={false}
          onChange={(mode) => change({ completionMode: mode === "ALL" ? "ALL" : "ONE" })}
        />
        <datetime.Editor
          inline
          disabled={disabled}
          field={{ ...field, name: t("fields.step_due", { number }) }}
          value={step.dueDate ?? null}
          onChange={(dueDate) => change({ dueDate: dueDate as string | null })}
        />
      </Stack>
    </Paper>
  );
}

export const approvalSteps: KindOfField = {
  Cell: StepsCell,
  Editor: StepsEditor,
  large: true,
  text: (value) =>
    stepsOf(value).length > 0 ? t("fields.steps", { count: stepsOf(value).length }) : "",
};
