import { Button, Checkbox, Popover, ScrollArea, Select, Stack, Text } from "@mantine/core";
import { IconLayoutList } from "@tabler/icons-react";
import type { Workflow } from "@/api/types";
import { t } from "@/text";
import classes from "./Board.module.css";
import { choosable, datesOf, type Looks, MOST_FIELDS } from "./looks";

interface Props {
  workflow: Workflow;
  looks: Looks;
  setLooks: (looks: Looks | null) => void;
}

/** Chooses what stands on a card; kept for this user and workflow. */
export function CardChooser({ workflow, looks, setLooks }: Props) {
  const full = looks.fields.length >= MOST_FIELDS;
  const dates = datesOf(workflow);
  const toggle = (title: string, on: boolean) => {
    const others = looks.fields.filter((name) => name !== title);
    setLooks({ ...looks, fields: on ? [...others, title] : others });
  };
  return (
    <Popover width={270} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          className={classes.tool}
          leftSection={<IconLayoutList size={15} aria-hidden />}
          aria-haspopup="dialog"
        >
          <span className={classes.word}>{t("board.card")}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("board.card_title")}>
        <Stack gap="sm">
          {dates.length > 0 && (
            <Select
              size="xs"
              label={t("board.card_due")}
              data={[
                { value: "", label: t("board.card_no_due") },
                ...dates.map((field) => ({ value: field.name, label: field.name })),
              ]}
              value={looks.due ?? ""}
              onChange={(due) => setLooks({ ...looks, due: due || null })}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
          )}
          <Text size="xs" c="dimmed">
            {t("board.card_fields", { count: MOST_FIELDS })}
          </Text>
          <ScrollArea.Autosize mah={300} type="auto" offsetScrollbars="present">
            <Stack gap={8} p={2}>
              {choosable(workflow).map((field) => {
                const checked = looks.fields.includes(field.name);
                return (
                  <Checkbox
                    key={field.id}
                    size="xs"
                    label={field.name}
                    checked={checked}
                    disabled={!checked && full}
                    onChange={(event) => toggle(field.name, event.currentTarget.checked)}
                  />
                );
              })}
            </Stack>
          </ScrollArea.Autosize>
          <Button size="xs" variant="subtle" onClick={() => setLooks(null)}>
            {t("board.card_reset")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
