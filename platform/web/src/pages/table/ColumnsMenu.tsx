/** Which columns are shown, and in which order. */
import { ActionIcon, Button, Checkbox, Group, Popover, Text, TextInput } from "@mantine/core";
import { IconColumns3, IconGripVertical, IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { t } from "@/text";
import { type Columns, changed, moved } from "./columns";
import classes from "./TablePage.module.css";

export function ColumnsMenu({ columns }: { columns: Columns }) {
  const hidden = columns.all.length - columns.shown.length;
  return (
    <Popover position="bottom-start" width={300} trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" className={classes.tool} leftSection={<IconColumns3 size={16} />}>
          <span className={classes.word}>{t("table.columns")}</span>
          {hidden > 0 && (
            <span className={classes.badge}>
              {columns.shown.length}/{columns.all.length}
            </span>
          )}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t("table.columns_title")}>
        <List columns={columns} />
      </Popover.Dropdown>
    </Popover>
  );
}

function List({ columns }: { columns: Columns }) {
  const [sought, setSought] = useState("");
  const [over, setOver] = useState<string | null>(null);
  const words = sought.trim().toLowerCase();
  const found = columns.all.filter((column) => column.title.toLowerCase().includes(words));
  const onKey = (event: KeyboardEvent, title: string) => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    const at = columns.all.findIndex((column) => column.title === title);
    const onto = step === 0 ? undefined : columns.all[at + step];
    if (onto) {
      event.preventDefault();
      columns.set(moved(columns.all, title, onto.title));
    }
  };
  return (
    <>
      <div className={classes.listHead}>
        <TextInput
          size="xs"
          aria-label={t("table.columns_find")}
          placeholder={t("table.columns_find")}
          leftSection={<IconSearch size={14} />}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
      </div>
      <ul className={classes.list}>
        {found.map((column) => (
          <li
            key={column.title}
            data-over={over === column.title || undefined}
            draggable
            onDragStart={(event) => event.dataTransfer.setData("text/plain", column.title)}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(column.title);
            }}
            onDragEnd={() => setOver(null)}
            onDrop={(event) => {
              event.preventDefault();
              setOver(null);
              const title = event.dataTransfer.getData("text/plain");
              columns.set(moved(columns.all, title, column.title));
            }}
          >
            <ActionIcon
              size="sm"
              className={classes.handle}
              aria-label={t("table.columns_move", { name: column.title })}
              onKeyDown={(event) => onKey(event, column.title)}
            >
              <IconGripVertical size={14} />
            </ActionIcon>
            <Checkbox
              size="xs"
              label={column.title}
              checked={!column.hidden}
              disabled={!column.hidden && columns.shown.length === 1}
              onChange={(event) =>
                columns.set(
                  changed(columns.all, column.title, { hidden: !event.currentTarget.checked }),
                )
              }
            />
          </li>
        ))}
      </ul>
      <Group justify="space-between" className={classes.listFoot}>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => columns.set(columns.all.map((one) => ({ ...one, hidden: false })))}
        >
          {t("table.columns_all")}
        </Button>
        <Text size="xs" c="dimmed" className="tl-numbers">
          {columns.shown.length}/{columns.all.length}
        </Text>
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          disabled={!columns.changed}
          onClick={columns.reset}
        >
          {t("table.columns_reset")}
        </Button>
      </Group>
    </>
  );
}
