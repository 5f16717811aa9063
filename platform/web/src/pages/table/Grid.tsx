/** The grid: rows that are drawn where one looks, one cell where one is, keys and mouse. */
// biome-ignore-all lint/a11y/useSemanticElements: rows that are drawn where one looks are no table
// biome-ignore-all lint/a11y/useFocusableInteractive: the focus is in the cells of a row
import { type Range, useVirtualizer } from "@tanstack/react-virtual";
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useNavigate } from "react-router";
import { taskId, type Workflow } from "@/api/types";
import { useDensity } from "@/app/density";
import { taskAddress } from "@/app/places";
import { t } from "@/text";
import { CellEditor, type Leaving } from "./CellEditor";
import type { Columns } from "./columns";
import type { Edits } from "./edits";
import classes from "./Grid.module.css";
import { GridRow } from "./GridRow";
import { HeaderCell, sorted } from "./HeaderCell";
import { isFixed, isSortable } from "./kinds";
import { Note } from "./Note";
import { type Block, blockOf, HEAD, moved, type Place } from "./place";
import type { Rows, Shown } from "./rows";
import type { Selection } from "./selection";
import { SELECTOR_PX, useSight, useSpan } from "./span";
import { spelt } from "./tsv";

const HEAD_PX = 37;
const TALLEST_PX = 30_000_000;
const OVERSCAN = 8;
const FURTHER = 10;
const NARROW_PX = 640;

export interface GridHandle {
  /** Goes to a task that is here, and to a column of it. */
  go: (id: string, title?: string) => void;
}

interface Props {
  ref?: Ref<GridHandle>;
  workflow: Workflow;
  columns: Columns;
  rows: Rows;
  shown: Shown;
  edits: Edits;
  selection: Selection;
  name: (email: string) => string;
  sort: readonly string[];
  onSort: (sort: string[]) => void;
  onFilter: (title: string) => void;
  onPaste: (text: string, block: Block) => void;
  onClear: (block: Block) => void;
  onEditing: (editing: boolean) => void;
}

interface Editing {
  id: string;
  title: string;
}

export function Grid(props: Props) {
  const { workflow, columns, rows, shown, edits, selection, onEditing } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const rowPx = useDensity() === "compact" ? 28 : 34;
  const { tasks } = shown;
  const most = Math.floor(TALLEST_PX / rowPx);
  const known = Math.max(shown.total ?? 0, tasks.length + FURTHER);
  const count = Math.min(shown.complete ? tasks.length : known, most);

  const [place, setPlace] = useState<Place>({ row: 0, col: 0 });
  const [anchor, setAnchor] = useState<Place | null>(null);
  const [editing, setEditing] = useState<Editing | null>(null);
  const [menu, setMenu] = useState<string | null>(null);
  const [within, setWithin] = useState(false);
  const focusing = useRef(false);
  const held = useRef<string | null>(null);
  const navigate = useNavigate();

  const row = Math.min(place.row, count - 1);
  const col = Math.min(place.col, columns.shown.length - 1);
  const active = tasks[row];
  const block = blockOf(anchor ?? { row, col }, { row, col });
  const sight = useSight(scroller);
  const span = useSpan(columns.shown, sight, col);
  const width = columns.shown.reduce((sum, column) => sum + column.width, SELECTOR_PX);

  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    scrollPaddingStart: HEAD_PX,
    scrollMargin: HEAD_PX,
    useFlushSync: false,
    rangeExtractor: useCallback(
      (range: Range) => {
        const { startIndex: first, endIndex: last, overscan, count: of } = range;
        const from = Math.max(first - overscan, 0);
        const to = Math.min(last + overscan, of - 1);
        const inside = Array.from({ length: to - from + 1 }, (_, at) => from + at);
        // The row where one is keeps the focus, wherever one scrolls to.
        return row < 0 || row >= of || (row >= from && row <= to)
          ? inside
          : [...inside, row].sort((one, other) => one - other);
      },
      [row],
    ),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another height are measured anew
  useEffect(() => virtual.measure(), [rowPx]);
  const { startIndex, endIndex } = virtual.range ?? { startIndex: 0, endIndex: 0 };
  useEffect(() => rows.look(startIndex, endIndex), [rows, startIndex, endIndex]);

  // Another list begins at its beginning.
  const list = useRef(rows);
  useEffect(() => {
    if (list.current !== rows) {
      list.current = rows;
      scroller.current?.scrollTo({ top: 0 });
      setPlace((now) => ({ ...now, row: Math.min(now.row, 0) }));
      setAnchor(null);
    }
  }, [rows]);

  // Where one is goes along with its task when others come before it.
  useEffect(() => {
    const at = held.current === null ? -1 : rows.placeOf(held.current);
    if (tasks.length > 0 && at >= 0) {
      setPlace((now) => {
        if (now.row < 0 || now.row === at) {
          return now;
        }
        focusing.current = scroller.current?.contains(document.activeElement) === true;
        return { ...now, row: at };
      });
    }
  }, [rows, tasks]);
  held.current = row >= 0 && active ? taskId(active) : held.current;

  useEffect(() => onEditing(editing !== null), [editing, onEditing]);

  useLayoutEffect(() => {
    if (focusing.current && !editing) {
      const cell = cellAt(scroller.current, row, col);
      const lost = document.activeElement === document.body;
      if (cell && (lost || scroller.current?.contains(document.activeElement))) {
        focusing.current = false;
        cell.focus({ preventScroll: true });
      } else if (lost) {
        // The cell is still to come; keys are heard until then.
        scroller.current?.focus({ preventScroll: true });
      }
    }
  });

  const go = useCallback(
    (to: Place, extend = false) => {
      setAnchor((now) => (extend ? (now ?? { row, col }) : null));
      held.current = null;
      setPlace(to);
      focusing.current = true;
      if (to.row >= 0) {
        virtual.scrollToIndex(to.row, { align: "auto" });
      }
      intoSight(scroller.current, to.col, columns.shown);
    },
    [virtual, columns.shown, row, col],
  );

  useImperativeHandle(
    props.ref,
    () => ({
      go: (id, title) => {
        const at = rows.placeOf(id);
        const to = columns.shown.findIndex((column) => column.title === title);
        if (at >= 0) {
          go({ row: at, col: Math.max(to, 0) });
        }
      },
    }),
    [rows, columns.shown, go],
  );

  const edit = (to: Place) => {
    const task = tasks[to.row];
    const column = columns.shown[to.col];
    if (!task || !column || isFixed(workflow, column.field)) {
      return;
    }
    const id = taskId(task);
    const now = edits.of(id, column.title);
    if (now?.doing === "saving") {
      return;
    }
    if (column.field.type === "checkbox" && !now) {
      edits.write(task, column.title, task[column.title] !== true);
      return;
    }
    if (now?.doing !== "conflict") {
      edits.begin(task, column.title);
    }
    setAnchor(null);
    setEditing({ id, title: column.title });
  };

  const done = useCallback(
    (leaving: Leaving) => {
      setEditing(null);
      if (leaving !== "away") {
        focusing.current = true;
        const step = leaving === "next" ? 1 : leaving === "previous" ? -1 : 0;
        const to = Math.min(Math.max(col + step, 0), columns.shown.length - 1);
        go({ row, col: to });
      }
    },
    [go, row, col, columns.shown.length],
  );

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const pressed = ["Enter", " "].includes(event.key) && target.closest("button, a, input");
    const elsewhere = !event.currentTarget.contains(target);
    if (elsewhere || pressed || editing || event.defaultPrevented) {
      return;
    }
    const page = Math.max(endIndex - startIndex - 1, 1);
    const to = moved(event, { row, col }, { rows: count, cols: columns.shown.length, page });
    if (to && !event.altKey) {
      event.preventDefault();
      go(to, event.shiftKey && to.row >= 0 && row >= 0);
    } else if (row === HEAD) {
      headKey(event);
    } else {
      cellKey(event);
    }
  };

  const headKey = (event: KeyboardEvent) => {
    const column = columns.shown[col];
    if (column && event.key === "Enter" && isSortable(column.field)) {
      event.preventDefault();
      props.onSort(sorted(props.sort, column.title, event.shiftKey));
    } else if (column && (event.key === " " || (event.altKey && event.key === "ArrowDown"))) {
      event.preventDefault();
      setMenu(column.title);
    }
  };

  const cellKey = (event: KeyboardEvent) => {
    const mod = event.ctrlKey || event.metaKey;
    const { key } = event;
    if (mod && key.toLowerCase() === "a") {
      selection.set(tasks);
    } else if (mod || event.altKey) {
      return;
    } else if (key === "Enter" || key === "F2") {
      edit({ row, col });
    } else if (key === " ") {
      selection.toggle(row, event.shiftKey, tasks);
    } else if (key === "Escape") {
      retreat();
    } else if (key === "Delete" || key === "Backspace") {
      props.onClear(block);
    } else if (key === "o" && active) {
      navigate(taskAddress(workflow.id, taskId(active)));
    } else {
      return;
    }
    event.preventDefault();
  };

  const retreat = () => {
    if (anchor) {
      setAnchor(null);
    } else {
      selection.clear();
    }
  };

  const onMouseDown = (event: MouseEvent<HTMLDivElement>) => {
    const at = placeOf(event);
    if (!at || event.button !== 0) {
      return;
    }
    if (at.row === HEAD) {
      setPlace(at);
      return;
    }
    event.preventDefault();
    if (editing && document.activeElement instanceof HTMLElement) {
      // What is edited is saved before one goes on.
      document.activeElement.blur();
    }
    go(at, event.shiftKey);
  };

  const onMouseOver = (event: MouseEvent<HTMLDivElement>) => {
    const at = event.buttons === 1 && !editing ? placeOf(event) : null;
    if (at && at.row >= 0 && row >= 0 && (at.row !== row || at.col !== col)) {
      setAnchor((now) => now ?? { row, col });
      held.current = null;
      setPlace(at);
      focusing.current = true;
    }
  };

  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    const box = target.closest<HTMLElement>("[data-select]");
    if (box && event.currentTarget.contains(box)) {
      selection.toggle(Number(box.dataset.select), event.shiftKey, tasks);
      return;
    }
    const at = placeOf(event);
    const column = at && columns.shown[at.col];
    if (at?.row === HEAD && column && target.closest("[data-sort]")) {
      props.onSort(sorted(props.sort, column.title, event.shiftKey));
    } else if (at && touched(event) && at.row === row && at.col === col && within) {
      edit(at);
    }
  };

  const onDoubleClick = (event: MouseEvent<HTMLDivElement>) => {
    const at = placeOf(event);
    if (at && at.row >= 0) {
      edit(at);
    }
  };

  const onCopy = (event: ClipboardEvent<HTMLDivElement>) => {
    if (editing || !event.currentTarget.contains(event.target as Node)) {
      return;
    }
    const chosen = anchor
      ? tasks.slice(block.top, block.bottom + 1)
      : selection.tasks.size > 0
        ? [...selection.tasks.values()]
        : tasks.slice(row, row + 1);
    const whole = !anchor && selection.tasks.size > 0;
    const titles = whole ? columns.shown : columns.shown.slice(block.left, block.right + 1);
    event.preventDefault();
    event.clipboardData.setData("text/plain", spelt(chosen, titles));
  };

  const onPaste = (event: ClipboardEvent<HTMLDivElement>) => {
    const text = event.clipboardData.getData("text/plain");
    if (!editing && row >= 0 && event.currentTarget.contains(event.target as Node) && text) {
      event.preventDefault();
      props.onPaste(text, block);
    }
  };

  const column = columns.shown[col];
  const all = tasks.length > 0 && selection.tasks.size >= tasks.length;
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={t("table.grid", { name: workflow.name })}
      aria-rowcount={shown.complete || shown.total !== null ? count + 1 : -1}
      aria-colcount={columns.shown.length + 1}
      aria-multiselectable
      aria-busy={shown.first}
      tabIndex={-1}
      className={classes.grid}
      data-narrow={sight.width < NARROW_PX || undefined}
      onKeyDown={onKeyDown}
      onMouseDown={onMouseDown}
      onMouseOver={onMouseOver}
      onFocus={() => setWithin(true)}
      onBlur={(event) => setWithin(event.currentTarget.contains(event.relatedTarget))}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      onCopy={onCopy}
      onPaste={onPaste}
    >
      <div role="rowgroup" className={classes.head} style={{ width }}>
        <div role="row" aria-rowindex={1} className={classes.headRow}>
          <div role="columnheader" aria-colindex={1} className={classes.selectorHead}>
            <input
              type="checkbox"
              tabIndex={-1}
              checked={all}
              readOnly
              ref={(box) => {
                if (box) {
                  box.indeterminate = !all && selection.tasks.size > 0;
                }
              }}
              aria-label={t("table.select_all")}
              onClick={() => (all ? selection.clear() : selection.set(tasks))}
            />
          </div>
          {columns.shown.map((one, at) => (
            <HeaderCell
              key={one.title}
              column={one}
              col={at}
              all={columns.all}
              columns={columns.shown}
              sort={props.sort}
              active={row === HEAD && at === col}
              menu={menu === one.title}
              onMenu={setMenu}
              onSort={props.onSort}
              onColumns={columns.set}
              onFilter={props.onFilter}
            />
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ position: "relative", width, height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const task = tasks[index];
          const id = task ? taskId(task) : "";
          const here = editing !== null && editing.id === id && index === row;
          const inBlock = anchor !== null && index >= block.top && index <= block.bottom;
          return (
            <GridRow
              key={index}
              row={index}
              top={start - HEAD_PX}
              task={task}
              columns={columns.shown}
              span={span}
              width={width}
              selected={selection.tasks.has(id)}
              active={index === row ? col : -1}
              editing={here ? columns.shown.findIndex((one) => one.title === editing.title) : -1}
              left={inBlock ? block.left : -1}
              right={inBlock ? block.right : -2}
              workflow={workflow}
              edits={edits}
              name={props.name}
              extra={
                here && column ? (
                  <CellEditor
                    workflow={workflow}
                    edits={edits}
                    id={id}
                    column={column}
                    onDone={done}
                  />
                ) : index === row && column && within && !anchor ? (
                  <Note workflow={workflow} edits={edits} id={id} column={column} onDone={done} />
                ) : undefined
              }
            />
          );
        })}
      </div>
    </div>
  );
}

function cellAt(grid: HTMLElement | null, row: number, col: number): HTMLElement | null {
  return grid?.querySelector<HTMLElement>(`[data-row="${row}"][data-col="${col}"]`) ?? null;
}

/** The cell of the grid that the mouse is at; null on what does something itself. */
function placeOf(event: MouseEvent<HTMLElement>): Place | null {
  const target = event.target as HTMLElement;
  const cell = target.closest<HTMLElement>("[data-row]");
  const inside = cell && event.currentTarget.contains(cell);
  const own = target.closest("a, button, input, textarea, [data-editing]");
  return inside && !own ? { row: Number(cell.dataset.row), col: Number(cell.dataset.col) } : null;
}

function touched(event: MouseEvent): boolean {
  return (event.nativeEvent as PointerEvent).pointerType === "touch";
}

/** Scrolls sideways until a column is in sight; the first one always is. */
function intoSight(grid: HTMLElement | null, col: number, columns: Columns["shown"]): void {
  if (!grid || col <= 0) {
    return;
  }
  const narrow = grid.clientWidth < NARROW_PX;
  const pinned = SELECTOR_PX + (narrow ? 0 : (columns[0]?.width ?? 0));
  const before = columns.slice(0, col).reduce((sum, { width }) => sum + width, SELECTOR_PX);
  const after = before + (columns[col]?.width ?? 0);
  if (before - pinned < grid.scrollLeft) {
    grid.scrollLeft = before - pinned;
  } else if (after > grid.scrollLeft + grid.clientWidth) {
    grid.scrollLeft = after - grid.clientWidth;
  }
}
