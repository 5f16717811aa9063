/** The head of a column: sorts, moves, widens, and has a menu for all of that. */
// biome-ignore-all lint/a11y/useSemanticElements: rows that are drawn where one looks are no table
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is in the cells of a row
import { Menu } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowUp,
  IconChevronDown,
  IconEyeOff,
  IconFilter,
  IconViewportNarrow,
  IconViewportWide,
} from "@tabler/icons-react";
import { memo, type PointerEvent, useRef, useState } from "react";
import { kindOf } from "@/fields";
import { t } from "@/text";
import { type Column, changed, moved, NARROWEST, WIDEST } from "./columns";
import classes from "./Grid.module.css";
import { isSortable } from "./kinds";

export interface HeadActions {
  sort: readonly string[];
  onSort: (sort: string[]) => void;
  columns: readonly Column[];
  onColumns: (columns: readonly Column[]) => void;
  onFilter: (title: string) => void;
}

interface Props extends HeadActions {
  column: Column;
  col: number;
  /** All columns, those included that are not shown. */
  all: readonly Column[];
  active: boolean;
  menu: boolean;
  onMenu: (title: string | null) => void;
}

const STEP_PX = 40;

/** The order after a click on a head: up, down, none; with shift the other titles stay. */
export function sorted(sort: readonly string[], title: string, several: boolean): string[] {
  const now = sort.includes(title) ? title : sort.includes(`-${title}`) ? `-${title}` : null;
  const next = now === null ? title : now === title ? `-${title}` : null;
  if (!several) {
    return next === null ? [] : [next];
  }
  const replaced = sort.flatMap((one) => (one !== now ? [one] : next === null ? [] : [next]));
  return now === null && next ? [...sort, next] : replaced;
}

export const HeaderCell = memo(function HeaderCell(props: Props) {
  const { column, col, sort, active, all, columns, onColumns } = props;
  const [over, setOver] = useState(false);
  const place = sort.findIndex((one) => one === column.title || one === `-${column.title}`);
  const down = sort[place]?.startsWith("-") && sort[place] !== column.title;
  const sortable = isSortable(column.field);
  return (
    <div
      role="columnheader"
      aria-colindex={col + 2}
      aria-sort={place < 0 ? undefined : down ? "descending" : "ascending"}
      tabIndex={active ? 0 : -1}
      className={col === 0 ? `${classes.headCell} ${classes.first}` : classes.headCell}
      style={{ width: column.width }}
      data-row={-1}
      data-col={col}
      data-numeric={kindOf(column.field).numeric || undefined}
      data-over={over || undefined}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData("text/plain", column.title);
        event.dataTransfer.effectAllowed = "move";
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onColumns(moved(all, event.dataTransfer.getData("text/plain"), column.title));
      }}
    >
      <span className={classes.headText} data-sort={sortable || undefined}>
        {column.title}
      </span>
      {place >= 0 && (
        <span className={classes.sorted} aria-hidden>
          {down ? <IconArrowDown size={14} /> : <IconArrowUp size={14} />}
          {sort.length > 1 && place + 1}
        </span>
      )}
      <ColumnMenu {...props} sortable={sortable} columns={columns} />
      <Grip {...props} />
    </div>
  );
});

function ColumnMenu(props: Props & { sortable: boolean }) {
  const { column, all, columns, col, onColumns, onSort, sortable } = props;
  const widen = (by: number) =>
    onColumns(
      changed(all, column.title, {
        width: Math.min(Math.max(column.width + by, NARROWEST), WIDEST),
      }),
    );
  const move = (onto: Column | undefined) =>
    onto && onColumns(moved(all, column.title, onto.title));
  const before = columns[col - 1];
  const after = columns[col + 1];
  return (
    <Menu
      opened={props.menu}
      onChange={(opened) => props.onMenu(opened ? column.title : null)}
      position="bottom-start"
      width={210}
    >
      <Menu.Target>
        <button
          type="button"
          tabIndex={-1}
          className={classes.headMenu}
          aria-label={t("table.column_menu", { name: column.title })}
        >
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown onKeyDown={(event) => event.stopPropagation()}>
        {sortable && (
          <>
            <Menu.Item
              leftSection={<IconArrowUp size={15} />}
              onClick={() => onSort([column.title])}
            >
              {t("table.sort_up")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowDown size={15} />}
              onClick={() => onSort([`-${column.title}`])}
            >
              {t("table.sort_down")}
            </Menu.Item>
          </>
        )}
        <Menu.Item
          leftSection={<IconFilter size={15} />}
          onClick={() => props.onFilter(column.title)}
        >
          {t("table.filter_by")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconArrowLeft size={15} />}
          disabled={!before}
          onClick={() => move(before)}
        >
          {t("table.move_left")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowRight size={15} />}
          disabled={!after}
          onClick={() => move(after)}
        >
          {t("table.move_right")}
        </Menu.Item>
        <Menu.Item leftSection={<IconViewportWide size={15} />} onClick={() => widen(STEP_PX)}>
          {t("table.wider")}
        </Menu.Item>
        <Menu.Item leftSection={<IconViewportNarrow size={15} />} onClick={() => widen(-STEP_PX)}>
          {t("table.narrower")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconEyeOff size={15} />}
          disabled={columns.length < 2}
          onClick={() => onColumns(changed(all, column.title, { hidden: true }))}
        >
          {t("table.hide")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The edge that is drawn to make a column wider; the keyboard has the menu for it. */
function Grip({ column, all, onColumns }: Props) {
  const begun = useRef<{ x: number; width: number } | null>(null);
  const widthAt = (event: PointerEvent) => {
    const { x, width } = begun.current ?? { x: 0, width: 0 };
    return Math.min(Math.max(width + event.clientX - x, NARROWEST), WIDEST);
  };
  return (
    <span
      aria-hidden
      className={classes.grip}
      draggable
      onDragStart={(event) => {
        event.preventDefault();
        event.stopPropagation();
      }}
      onClick={(event) => event.stopPropagation()}
      onPointerDown={(event) => {
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        begun.current = { x: event.clientX, width: column.width };
      }}
      onPointerMove={(event) => {
        if (begun.current) {
          onColumns(changed(all, column.title, { width: widthAt(event) }));
        }
      }}
      onPointerUp={() => {
        begun.current = null;
      }}
    />
  );
}
