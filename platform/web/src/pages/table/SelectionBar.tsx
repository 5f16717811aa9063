/** What can be done with the tasks that are selected. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import {
  IconArrowsRightLeft,
  IconPencil,
  IconTrash,
  IconUserPlus,
  IconX,
} from "@tabler/icons-react";
import { count, t } from "@/text";
import classes from "./TablePage.module.css";

interface Props {
  selected: number;
  /** How many there are in all, where more can be selected. */
  total: number | null;
  busy: number | null;
  onEverything: () => void;
  onEdit: () => void;
  onStage: () => void;
  onAssign: () => void;
  onDelete: () => void;
  onClear: () => void;
}

export function SelectionBar(props: Props) {
  const { selected, total, busy } = props;
  return (
    <section className={classes.bar} aria-label={t("table.selection")}>
      <span role="status" className={classes.barCount}>
        {busy === null
          ? t("table.selected", { count: selected })
          : t("table.selecting", { count: busy })}
      </span>
      {total !== null && total > selected && busy === null && (
        <Button size="compact-sm" variant="subtle" onClick={props.onEverything}>
          {t("table.select_matching", { total: count(total) })}
        </Button>
      )}
      <i className={classes.rule} />
      <Tool text={t("table.bulk_edit")} icon={<IconPencil size={16} />} run={props.onEdit} />
      <Tool
        text={t("table.bulk_stage")}
        icon={<IconArrowsRightLeft size={16} />}
        run={props.onStage}
      />
      <Tool text={t("table.bulk_assign")} icon={<IconUserPlus size={16} />} run={props.onAssign} />
      <Tool text={t("table.bulk_delete")} icon={<IconTrash size={16} />} run={props.onDelete} bad />
      <i className={classes.rule} />
      <Tooltip label={t("table.bulk_clear")}>
        <ActionIcon aria-label={t("table.bulk_clear")} onClick={props.onClear}>
          <IconX size={16} />
        </ActionIcon>
      </Tooltip>
    </section>
  );
}

function Tool(props: { text: string; icon: React.ReactNode; run: () => void; bad?: boolean }) {
  return (
    <Button
      size="compact-sm"
      variant="subtle"
      color="gray"
      c={props.bad ? "var(--mantine-color-error)" : undefined}
      className={classes.barTool}
      leftSection={props.icon}
      onClick={props.run}
    >
      <span className={classes.word}>{props.text}</span>
    </Button>
  );
}
