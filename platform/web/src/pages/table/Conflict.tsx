/** What was, what others made of it, and what one wants oneself: one of them is kept. */
import { Button, Group, Popover, Text } from "@mantine/core";
import type { Workflow } from "@/api/types";
import { Cell, isUnset } from "@/fields";
import { t } from "@/text";
import type { Leaving } from "./CellEditor";
import type { Column } from "./columns";
import type { Edit, Edits } from "./edits";
import classes from "./Grid.module.css";

interface Props {
  workflow: Workflow;
  edits: Edits;
  id: string;
  column: Column;
  edit: Edit;
  /** The focus goes into it. */
  trapped?: boolean;
  onDone: (leaving: Leaving) => void;
}

export function Conflict({ workflow, edits, id, column, edit, trapped, onDone }: Props) {
  const sides = [
    { name: t("table.conflict_base"), value: edit.base },
    { name: t("table.conflict_theirs"), value: edit.theirs },
    { name: t("table.conflict_yours"), value: edit.value },
  ];
  const keep = () => {
    edits.insist(id, column.title);
    onDone("stay");
  };
  const take = () => {
    edits.drop(id, column.title);
    onDone("stay");
  };
  return (
    <Popover
      opened
      withRoles={false}
      position="bottom-start"
      width={340}
      trapFocus={trapped}
      withinPortal
      closeOnEscape={false}
      closeOnClickOutside={trapped}
      onChange={(opened) => !opened && onDone("stay")}
    >
      <Popover.Target>
        <span className={classes.anchor} />
      </Popover.Target>
      <Popover.Dropdown
        role="dialog"
        aria-label={t("table.conflict_title", { name: column.title })}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape") {
            onDone("stay");
          }
        }}
      >
        <Text size="sm" fw={600} mb={6}>
          {t("table.conflict_title", { name: column.title })}
        </Text>
        <dl className={classes.sides}>
          {sides.map((side) => (
            <div key={side.name}>
              <dt>{side.name}</dt>
              <dd>
                {isUnset(side.value) ? (
                  <Text span size="sm" c="dimmed">
                    {t("shared.unset")}
                  </Text>
                ) : (
                  <Cell field={column.field} value={side.value} workflow={workflow.id} />
                )}
              </dd>
            </div>
          ))}
        </dl>
        <Group gap="xs" mt="sm" justify="flex-end">
          <Button size="xs" variant="default" onClick={take}>
            {t("table.conflict_take")}
          </Button>
          <Button size="xs" onClick={keep}>
            {t("table.conflict_keep")}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
