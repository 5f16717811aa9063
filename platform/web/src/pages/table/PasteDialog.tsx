/** What a pasted block would change, before it is written. */
import { Alert, Loader, Modal, Stack, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useMembers } from "@/api/queries";
import { type Task, taskId, titleOf, type Workflow } from "@/api/types";
import { kindOf } from "@/fields";
import { FaultList } from "@/shared/FaultList";
import { t } from "@/text";
import { BulkSteps } from "./BulkDialog";
import classes from "./BulkDialog.module.css";
import type { Column } from "./columns";
import { same } from "./edits";
import { type Pasted, planned, sizeOf } from "./paste";
import type { Block } from "./place";
import type { Rows } from "./rows";
import { readTable } from "./tsv";

const SHOWN = 100;

interface Props {
  workflow: Workflow;
  rows: Rows;
  columns: readonly Column[];
  text: string;
  block: Block;
  onClose: () => void;
  onWritten: (written: ReadonlySet<string>) => void;
  onSelect: (tasks: readonly Task[]) => void;
}

export function PasteDialog(props: Props) {
  const { workflow, rows, columns, text, block, onClose } = props;
  const { data: members } = useMembers(workflow.id);
  const [pasted, setPasted] = useState<Pasted | null>(null);
  const [reading, setReading] = useState(true);
  const [failure, setFailure] = useState<unknown>(null);
  // What is pasted falls on the columns and rows as they were then.
  const begun = useRef({ rows, columns, block });
  useEffect(() => {
    if (!members) {
      return undefined;
    }
    const leaving = new AbortController();
    const read = async () => {
      const at = begun.current;
      const table = await readTable(text, leaving.signal);
      setReading(false);
      const needed = at.block.top + sizeOf(table, at.block).rows;
      const tasks = (await at.rows.reach(needed)).slice(at.block.top, needed);
      const falling = { workflow, members, columns: at.columns, tasks, block: at.block };
      const now = await planned(table, falling);
      if (!leaving.signal.aborted) {
        setPasted(now);
      }
    };
    read().catch((reason) => !leaving.signal.aborted && setFailure(reason));
    return () => leaving.abort();
  }, [workflow, members, text]);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("table.bulk_title_paste", { count: pasted?.plan.items.length ?? 0 })}
      size="xl"
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <Stack>
        {failure !== null && <FaultList failure={failure} />}
        {!pasted && failure === null && (
          <Text size="sm" role="status">
            <Loader size="xs" mr="xs" />
            {t(reading ? "table.paste_reading" : "table.paste_loading")}
          </Text>
        )}
        {pasted && (
          <>
            <Left pasted={pasted} />
            <BulkSteps
              {...props}
              title=""
              plan={pasted.plan}
              preview={<Preview workflow={workflow} pasted={pasted} />}
            />
          </>
        )}
      </Stack>
    </Modal>
  );
}

/** What of the block falls nowhere. */
function Left({ pasted }: { pasted: Pasted }) {
  const told = [
    pasted.fixed.length > 0 && t("table.paste_fixed", { titles: pasted.fixed.join(", ") }),
    pasted.wide > 0 && t("table.paste_wide", { count: pasted.wide }),
    pasted.long > 0 && t("table.paste_long", { count: pasted.long }),
  ].filter((one): one is string => Boolean(one));
  return told.length === 0 ? null : (
    <Alert color="yellow" icon={<IconInfoCircle />}>
      {told.map((one) => (
        <div key={one}>{one}</div>
      ))}
    </Alert>
  );
}

function Preview({ workflow, pasted }: { workflow: Workflow; pasted: Pasted }) {
  const { items } = pasted.plan;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className={classes.preview} aria-label={t("table.paste_preview")} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th>{t("table.paste_row")}</th>
            {pasted.columns.map((column) => (
              <th key={column.title}>{column.title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.slice(0, SHOWN).map(({ task, values }) => (
            <tr key={taskId(task)}>
              <td>{titleOf(workflow, task)}</td>
              {pasted.columns.map((column) => (
                <Change
                  key={column.title}
                  column={column}
                  from={task[column.title]}
                  to={column.title in values ? values[column.title] : task[column.title]}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {items.length > SHOWN && (
        <Text size="sm" c="dimmed" p="xs">
          {t("table.bulk_more", { count: items.length - SHOWN })}
        </Text>
      )}
    </section>
  );
}

function Change({ column, from, to }: { column: Column; from: unknown; to: unknown }) {
  const { text } = kindOf(column.field);
  const [before, after] = [text(from), typeof to === "string" ? to : text(to)];
  if (same(from, to) || before === after) {
    return <td data-same>{before}</td>;
  }
  return (
    <td title={`${before} → ${after}`}>
      {before && <del>{before.slice(0, 80)}</del>}{" "}
      <ins>{after.slice(0, 200) || t("shared.unset")}</ins>
    </td>
  );
}
