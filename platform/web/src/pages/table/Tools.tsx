/** The row of tools above the grid. */
import { ActionIcon, Button, Menu, Popover, Stack, Text, TextInput } from "@mantine/core";
import {
  IconAlertTriangleFilled,
  IconDownload,
  IconFilter,
  IconSearch,
  IconX,
} from "@tabler/icons-react";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { Workflow } from "@/api/types";
import { titleOf } from "@/api/types";
import { showDone, showFailure } from "@/shared/notices";
import { t } from "@/text";
import { type Edits, useEdits } from "./edits";
import { download, FORMATS, type Format } from "./exporting";
import classes from "./TablePage.module.css";

const SETTLED_MS = 300;

export function Search(props: {
  input: RefObject<HTMLInputElement | null>;
  q: string;
  onChange: (q: string) => void;
}) {
  const { q, onChange } = props;
  const [typed, setTyped] = useState(q);
  const told = useRef(q);
  const timer = useRef(0);
  useEffect(() => {
    if (q !== told.current) {
      told.current = q;
      setTyped(q);
    }
  }, [q]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const type = (text: string, wait = SETTLED_MS) => {
    setTyped(text);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      told.current = text.trim();
      onChange(text.trim());
    }, wait);
  };
  return (
    <TextInput
      ref={props.input}
      className={classes.search}
      type="search"
      aria-label={t("table.search")}
      placeholder={t("table.search")}
      leftSection={<IconSearch size={15} />}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && typed) {
          event.stopPropagation();
          type("", 0);
        }
      }}
      rightSection={
        typed && (
          <ActionIcon
            size="sm"
            aria-label={t("fields.clear", { name: t("table.search") })}
            onClick={() => type("", 0)}
          >
            <IconX size={14} />
          </ActionIcon>
        )
      }
    />
  );
}

export function FilterButton(props: { count: number; opened: boolean; onToggle: () => void }) {
  return (
    <Button
      variant="default"
      className={classes.tool}
      leftSection={<IconFilter size={16} />}
      aria-expanded={props.opened}
      onClick={props.onToggle}
    >
      <span className={classes.word}>{t("table.filter")}</span>
      {props.count > 0 && <span className={classes.badge}>{props.count}</span>}
    </Button>
  );
}

const NAMES = {
  csv: "table.export_csv",
  xlsx: "table.export_xlsx",
  ndjson: "table.export_ndjson",
} as const;

/** What every way to export says and does. */
export function useExport(workflow: Workflow, addressOf: (format: Format) => string) {
  const [busy, setBusy] = useState(false);
  const latest = useRef(addressOf);
  latest.current = addressOf;
  const run = useCallback(
    async (format: Format) => {
      setBusy(true);
      try {
        await download(latest.current(format), `${workflow.id}.${format}`);
        showDone(t("table.export_done"));
      } catch (failure) {
        showFailure(failure);
      } finally {
        setBusy(false);
      }
    },
    [workflow.id],
  );
  return { busy, run };
}

export function ExportMenu({ exporting }: { exporting: ReturnType<typeof useExport> }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          variant="default"
          className={classes.tool}
          leftSection={<IconDownload size={16} />}
          loading={exporting.busy}
        >
          <span className={classes.word}>{t("table.export")}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map((format) => (
          <Menu.Item key={format} onClick={() => exporting.run(format)}>
            {t(NAMES[format])}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Cells that are not saved, wherever they are. */
export function Unsaved(props: {
  workflow: Workflow;
  edits: Edits;
  onGo: (id: string, title: string) => void;
}) {
  const { workflow, edits, onGo } = props;
  const waiting = useEdits(edits).filter((edit) => ["refused", "conflict"].includes(edit.doing));
  if (waiting.length === 0) {
    return null;
  }
  return (
    <Popover position="bottom-start" width={320} trapFocus returnFocus>
      <Popover.Target>
        <Button
          size="compact-md"
          variant="light"
          color="red"
          leftSection={<IconAlertTriangleFilled size={15} />}
        >
          {t("table.unsaved", { count: waiting.length })}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          {waiting.slice(0, 20).map((edit) => (
            <div key={`${edit.id}:${edit.title}`}>
              <Button size="compact-sm" variant="subtle" onClick={() => onGo(edit.id, edit.title)}>
                {t("table.unsaved_go", {
                  name: `${titleOf(workflow, edit.task)}: ${edit.title}`,
                })}
              </Button>
              <Text size="xs" c="dimmed" pl={9}>
                {edit.messages.join(". ") || t("table.conflict_mark")}
              </Text>
            </div>
          ))}
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              for (const edit of waiting) {
                edits.again(edit.id, edit.title);
              }
            }}
          >
            {t("table.retry_all")}
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            onClick={() => {
              for (const edit of waiting) {
                edits.drop(edit.id, edit.title);
              }
            }}
          >
            {t("table.discard_all")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
