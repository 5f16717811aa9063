/** What the cell where one is has to say: that it was refused, or that others changed it. */
import { Button, Group, Popover, Text } from "@mantine/core";
import type { Workflow } from "@/api/types";
import { t } from "@/text";
import type { Leaving } from "./CellEditor";
import { Conflict } from "./Conflict";
import type { Column } from "./columns";
import { type Edits, useEdit } from "./edits";
import classes from "./Grid.module.css";

interface Props {
  workflow: Workflow;
  edits: Edits;
  id: string;
  column: Column;
  onDone: (leaving: Leaving) => void;
}

export function Note(props: Props) {
  const { edits, id, column, onDone } = props;
  const edit = useEdit(edits, id, column.title);
  if (edit?.doing === "conflict") {
    return <Conflict {...props} edit={edit} />;
  }
  if (edit?.doing !== "refused") {
    return null;
  }
  return (
    <Popover opened withRoles={false} position="bottom-start" width={300} withinPortal>
      <Popover.Target>
        <span className={classes.anchor} />
      </Popover.Target>
      <Popover.Dropdown className={classes.note} role="status" tabIndex={-1}>
        {edit.messages.map((message) => (
          <Text key={message} size="sm" c="var(--mantine-color-error)">
            {message}
          </Text>
        ))}
        <Group gap="xs" mt={8} wrap="nowrap" justify="space-between">
          <Text size="xs" c="dimmed">
            {t("table.refused_hint")}
          </Text>
          <Group gap={6} wrap="nowrap">
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => {
                edits.drop(id, column.title);
                onDone("stay");
              }}
            >
              {t("table.discard")}
            </Button>
            <Button
              size="compact-xs"
              variant="light"
              onClick={() => {
                edits.again(id, column.title);
                onDone("stay");
              }}
            >
              {t("shared.retry")}
            </Button>
          </Group>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
