/** The editor of one cell, and what it says when the server or others had other ideas. */
import { Button, Group, Popover, Stack } from "@mantine/core";
import { type FocusEvent, type KeyboardEvent, useEffect, useRef } from "react";
import type { Workflow } from "@/api/types";
import { Editor, kindOf } from "@/fields";
import { t } from "@/text";
import { Conflict } from "./Conflict";
import type { Column } from "./columns";
import { type Edit, type Edits, same, useEdit } from "./edits";
import classes from "./Grid.module.css";
import { forbiddenStages, isStage } from "./kinds";
import { StageSelect } from "./StageSelect";

/** Where to go when a cell is left: to stay on it, one on, one back, or to where the focus went. */
export type Leaving = "stay" | "next" | "previous" | "away";

/** What is typed into a list to choose from looks for something else than what is chosen. */
function selected({ target }: FocusEvent): void {
  if (target instanceof HTMLInputElement && target.getAttribute("role") === "combobox") {
    target.select();
  }
}

interface Props {
  workflow: Workflow;
  edits: Edits;
  id: string;
  column: Column;
  onDone: (leaving: Leaving) => void;
}

export function CellEditor(props: Props) {
  const { edits, id, column, onDone } = props;
  const edit = useEdit(edits, id, column.title);
  // What was given up or saved elsewhere leaves nothing to edit.
  const gone = !edit;
  useEffect(() => {
    if (gone) {
      onDone("stay");
    }
  }, [gone, onDone]);
  if (!edit) {
    return null;
  }
  if (edit.doing === "conflict") {
    return <Conflict {...props} edit={edit} trapped />;
  }
  return kindOf(column.field).large ? (
    <Large {...props} edit={edit} />
  ) : (
    <Small {...props} edit={edit} />
  );
}

function Small(props: Props & { edit: Edit }) {
  const { workflow, edits, id, column, onDone, edit } = props;
  const leaving = useRef<Leaving>("stay");
  const left = useRef(false);
  const leave = (value: unknown) => {
    if (!left.current) {
      left.current = true;
      edits.commit(id, column.title, value);
      onDone(leaving.current);
    }
  };
  const cancel = () => {
    left.current = true;
    edits.drop(id, column.title);
    onDone("stay");
  };
  const tabbed = (event: KeyboardEvent) => {
    leaving.current = "stay";
    if (event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      leaving.current = event.shiftKey ? "previous" : "next";
      (event.target as HTMLElement).blur();
      leave(edits.of(id, column.title)?.value);
    }
  };
  const blurred = (event: FocusEvent) => {
    const to = event.relatedTarget;
    if (to instanceof Element && to.closest(".mantine-Popover-dropdown")) {
      // A calendar or a list that belongs to the editor.
      event.stopPropagation();
    } else if (leaving.current === "stay") {
      leaving.current = "away";
    }
  };
  const common = {
    value: edit.value,
    onChange: (value: unknown) => edits.change(id, column.title, value),
    onCommit: leave,
    onCancel: cancel,
    fault: edit.messages.join(". ") || undefined,
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens to what its input is told
    <div
      className={classes.editor}
      onKeyDownCapture={tabbed}
      onBlurCapture={blurred}
      onFocusCapture={selected}
      onKeyDown={(event) => event.stopPropagation()}
    >
      {isStage(column.field) ? (
        <StageSelect
          workflow={workflow}
          aria-label={t("table.stage_of")}
          autoFocus
          opened
          value={edit.value}
          forbidden={forbiddenStages(workflow, String(edit.task.Stage))}
          fault={common.fault}
          onChange={(stage) => {
            common.onChange(stage);
            leave(stage);
          }}
          onBlur={() => leave(edit.value)}
          onCancel={cancel}
        />
      ) : (
        <Editor {...common} inline autoFocus field={column.field} workflow={workflow.id} />
      )}
      <Meanwhile {...props} />
    </div>
  );
}

/** An editor that needs room: a box below its cell. */
function Large(props: Props & { edit: Edit }) {
  const { workflow, edits, id, column, onDone, edit } = props;
  const save = () => {
    edits.commit(id, column.title, edits.of(id, column.title)?.value);
    onDone("stay");
  };
  const cancel = () => {
    edits.drop(id, column.title);
    onDone("stay");
  };
  return (
    <Popover
      opened
      withRoles={false}
      position="bottom-start"
      width={420}
      trapFocus
      returnFocus={false}
      withinPortal
      closeOnClickOutside={false}
      closeOnEscape={false}
      withOverlay
      overlayProps={{ backgroundOpacity: 0, onClick: save }}
    >
      <Popover.Target>
        <span className={classes.anchor} />
      </Popover.Target>
      <Popover.Dropdown
        role="dialog"
        aria-label={column.title}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            save();
          } else if (event.key === "Escape" && !event.defaultPrevented) {
            cancel();
          }
        }}
      >
        <Stack gap="sm">
          <Editor
            field={column.field}
            value={edit.value}
            workflow={workflow.id}
            autoFocus
            fault={edit.messages.join(". ") || undefined}
            onChange={(value) => edits.change(id, column.title, value)}
            onCancel={cancel}
          />
          <Meanwhile {...props} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" size="xs" onClick={cancel}>
              {t("shared.cancel")}
            </Button>
            <Button size="xs" onClick={save} disabled={same(edit.value, edit.base)}>
              {t("shared.save")}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** What others wrote while one types; the write will ask which of both to keep. */
function Meanwhile({ column, edit }: Props & { edit: Edit }) {
  if (edit.theirs === undefined) {
    return null;
  }
  const text = kindOf(column.field).text(edit.theirs) || t("shared.unset");
  return (
    <div role="status" className={classes.meanwhile}>
      {t("table.meanwhile", { value: text })}
    </div>
  );
}
