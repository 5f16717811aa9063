/** Chooses what changes in many tasks, and hands it on to be tried out. */
import { ActionIcon, Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { type Field, STAGE, type Task, type Workflow } from "@/api/types";
import { Editor } from "@/fields";
import { t } from "@/text";
import { BulkSteps } from "./BulkDialog";
import classes from "./BulkDialog.module.css";
import type { Plan } from "./bulk";
import { everyField } from "./columns";
import { isFixed, isStage } from "./kinds";
import { StageSelect } from "./StageSelect";

interface Props {
  workflow: Workflow;
  tasks: readonly Task[];
  /** Fields that are there from the beginning. */
  begin: readonly string[];
  onClose: () => void;
  onWritten: (written: ReadonlySet<string>) => void;
  onSelect: (tasks: readonly Task[]) => void;
}

export function BulkEdit(props: Props) {
  const { workflow, tasks, begin, onClose } = props;
  const fields = useMemo(
    () =>
      everyField(workflow)
        .filter((field) => !isFixed(workflow, field))
        .map((field) => ({ ...field, required: false })),
    [workflow],
  );
  const [chosen, setChosen] = useState<Record<string, unknown>>(() =>
    Object.fromEntries(begin.map((title) => [title, null])),
  );
  const [plan, setPlan] = useState<Plan | null>(null);
  const check = () =>
    setPlan({ kind: "change", items: tasks.map((task) => ({ task, values: chosen })) });
  const others = fields.filter((field) => !(field.name in chosen));
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("table.bulk_title_edit", { count: tasks.length })}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      {plan ? (
        <BulkSteps {...props} title="" plan={plan} onBack={() => setPlan(null)} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            check();
          }}
        >
          <Stack>
            <Text size="sm" c="dimmed">
              {t("table.bulk_lead")}
            </Text>
            {fields
              .filter((field) => field.name in chosen)
              .map((field, place) => (
                <Chosen
                  key={field.name}
                  workflow={workflow}
                  field={field}
                  first={place === 0}
                  value={chosen[field.name]}
                  onChange={(value) => setChosen((now) => ({ ...now, [field.name]: value }))}
                  onRemove={() => setChosen(({ [field.name]: _, ...rest }) => rest)}
                />
              ))}
            <Select
              aria-label={t("table.bulk_add")}
              placeholder={t("table.bulk_add")}
              searchable
              value={null}
              data-autofocus={begin.length === 0 || undefined}
              data={others.map((field) => field.name)}
              onChange={(title) => title && setChosen((now) => ({ ...now, [title]: null }))}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t("shared.cancel")}
              </Button>
              <Button
                type="submit"
                disabled={Object.keys(chosen).length === 0 || chosen[STAGE] === null}
              >
                {t("table.bulk_check")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

interface ChosenProps {
  workflow: Workflow;
  field: Field;
  first: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
  onRemove: () => void;
}

function Chosen({ workflow, field, first, value, onChange, onRemove }: ChosenProps) {
  return (
    <div className={classes.chosen}>
      {isStage(field) ? (
        <StageSelect
          workflow={workflow}
          label={field.name}
          value={value}
          autoFocus={first}
          onChange={onChange}
        />
      ) : (
        <Editor
          field={field}
          value={value}
          workflow={workflow.id}
          autoFocus={first}
          onChange={onChange}
        />
      )}
      <ActionIcon
        mt={26}
        aria-label={t("table.bulk_remove", { name: field.name })}
        onClick={onRemove}
      >
        <IconX size={16} />
      </ActionIcon>
    </div>
  );
}
