/** One row of the grid. */
// biome-ignore-all lint/a11y/useSemanticElements: rows that are drawn where one looks are no table
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is in the cells of a row
import { IconArrowUpRight } from "@tabler/icons-react";
import { type CSSProperties, memo, type ReactNode } from "react";
import { Link } from "react-router";
import { type Task, taskId, titleOf } from "@/api/types";
import { taskAddress } from "@/app/places";
import { kindOf } from "@/fields";
import { t } from "@/text";
import type { Column } from "./columns";
import classes from "./Grid.module.css";
import { CellContent, type Showing } from "./GridCell";

/** Which columns are drawn, and the room that the others take. */
export interface Span {
  from: number;
  to: number;
  before: number;
  after: number;
}

interface Props extends Showing {
  row: number;
  top: number;
  task: Task | undefined;
  columns: readonly Column[];
  span: Span;
  width: number;
  selected: boolean;
  /** The column where one is, if one is in this row. */
  active: number;
  /** The column that is edited in this row, or -1. */
  editing: number;
  /** The columns of the block that is marked, where this row is in it. */
  left: number;
  right: number;
  /** What stands in the cell where one is: its editor, or a note about it. */
  extra?: ReactNode;
}

export const GridRow = memo(function GridRow(props: Props) {
  const { row, top, task, columns, span, width, selected, workflow } = props;
  const style: CSSProperties = { transform: `translateY(${top}px)`, width };
  if (!task) {
    return (
      <div
        role="row"
        aria-rowindex={row + 2}
        className={classes.row}
        style={style}
        data-index={row}
      >
        <div role="gridcell" aria-colindex={1} className={classes.waiting}>
          <span className="tl-hidden">{t("shared.loading")}</span>
        </div>
      </div>
    );
  }
  const name = titleOf(workflow, task);
  const drawn = columns.slice(span.from, span.to);
  const [first] = columns;
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      aria-selected={selected}
      className={classes.row}
      style={style}
      data-index={row}
    >
      <div role="gridcell" aria-colindex={1} className={classes.selector}>
        <span className={classes.number} aria-hidden>
          {row + 1}
        </span>
        <input
          type="checkbox"
          tabIndex={-1}
          checked={selected}
          readOnly
          data-select={row}
          aria-label={t("table.select_row", { name })}
        />
      </div>
      {first && (
        <GridCell {...props} task={task} column={first} col={0} first>
          <Link
            to={taskAddress(workflow.id, taskId(task))}
            tabIndex={-1}
            className={classes.open}
            aria-label={t("table.open_task", { name })}
          >
            <IconArrowUpRight size={15} aria-hidden />
          </Link>
        </GridCell>
      )}
      {span.before > 0 && <div role="none" style={{ flex: "none", width: span.before }} />}
      {drawn.map((column, place) => (
        <GridCell
          key={column.title}
          {...props}
          task={task}
          column={column}
          col={span.from + place}
        />
      ))}
    </div>
  );
});

interface CellProps extends Props {
  task: Task;
  column: Column;
  col: number;
  first?: boolean;
  children?: ReactNode;
}

function GridCell(props: CellProps) {
  const { row, col, column, task, active, left, right, first, children, editing } = props;
  const { numeric, large } = kindOf(column.field);
  const marked = col >= left && col <= right;
  return (
    <div
      role="gridcell"
      aria-colindex={col + 2}
      aria-readonly={column.field.editable ? undefined : true}
      tabIndex={active === col ? 0 : -1}
      className={first ? `${classes.cell} ${classes.first}` : classes.cell}
      style={{ width: column.width }}
      data-row={row}
      data-col={col}
      data-active={active === col || undefined}
      data-marked={marked || undefined}
      data-numeric={numeric || undefined}
      data-editing={editing === col ? (large ? "large" : "small") : undefined}
    >
      {(editing !== col || large) && (
        <CellContent
          task={task}
          id={taskId(task)}
          column={column}
          workflow={props.workflow}
          edits={props.edits}
          name={props.name}
        />
      )}
      {active === col && props.extra}
      {editing !== col && children}
    </div>
  );
}
