import { useDroppable } from "@dnd-kit/core";
import { ActionIcon, Button, Skeleton, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowBarToLeft,
  IconArrowBarToRight,
  IconBan,
  IconCheck,
} from "@tabler/icons-react";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, memo, useEffect, useMemo, useRef } from "react";
import { type Stage, type Task, taskId, type Workflow } from "@/api/types";
import { stageColour } from "@/shared/Pill";
import { count, t } from "@/text";
import { Card } from "./Card";
import classes from "./Column.module.css";
import type { Looks } from "./looks";
import type { Landed } from "./moves";
import { type BoardQuery, useColumn, useHeldThere } from "./queries";

const USUAL_HEIGHT = 108;
const AHEAD = 12;
const SKELETONS = [92, 116, 78];

/** A card in somebody's hand, as its own column has to know it. */
export interface InHand {
  task: Task;
  index: number;
}

export interface Focus {
  id: string;
  stage: string;
  /** Differs from time to time, as the same card may be meant again. */
  time: number;
}

/** What a column is for the card in hand. */
export type Target =
  | { kind: "none" }
  | { kind: "origin"; over: boolean }
  | { kind: "possible"; over: boolean; full: boolean; needs: string[] }
  | { kind: "forbidden"; over: boolean; reason: string };

export interface Shown {
  tasks: Task[];
  /** How many match, and how many are there: the stage's limit is about these. */
  total: number;
  held: number;
}

interface Props {
  workflow: Workflow;
  stage: Stage;
  query: BoardQuery;
  filtered: boolean;
  limit: number | null;
  looks: Looks;
  nameOf: (email: string) => string;
  landed: ReadonlyMap<string, Landed>;
  /** Id of a card about which something is asked. */
  questioned: string | null;
  inHand: InHand | null;
  /** Id of a card in somebody's hand, wherever it is from. */
  held: string | null;
  target: Target;
  focus: Focus | null;
  draggable: boolean;
  folded: boolean;
  onFold: (stage: string) => void;
  onMenu: (task: Task, at: HTMLElement) => void;
  /** Tells what is shown now, for keys that go from column to column. */
  onShown: (stage: string, shown: Shown) => void;
}

/** A stage and its tasks: only the cards in sight are there. */
export const Column = memo(function Column(props: Props) {
  const { workflow, stage, query, limit, landed, inHand, held, target, focus, onShown } = props;
  const column = useColumn(workflow.id, query, stage);
  const { data, askMore } = column;
  const tasks = useMemo(
    () => cards(data?.tasks ?? [], stage.name, landed, inHand, held),
    [data?.tasks, stage.name, landed, inHand, held],
  );
  const coming = underWay(landed, stage.name);
  const total = (data?.total ?? 0) + coming;
  const there = useHeldThere(workflow.id, stage, limit !== null && props.filtered);
  const amount = props.filtered && there !== undefined ? there + coming : total;
  useEffect(
    () => onShown(stage.name, { tasks, total, held: amount }),
    [onShown, stage.name, tasks, total, amount],
  );

  const scroller = useRef<HTMLDivElement>(null);
  const { setNodeRef } = useDroppable({ id: stage.name });
  const pins = useMemo(() => {
    const ids = [focus?.stage === stage.name ? focus.id : null, held];
    return ids
      .map((id) => (id === null ? -1 : tasks.findIndex((task) => taskId(task) === id)))
      .filter((index) => index >= 0);
  }, [tasks, focus, held, stage.name]);
  const virtual = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => USUAL_HEIGHT,
    getItemKey: (index) => taskId(tasks[index] as Task),
    overscan: 4,
    rangeExtractor: (range: Range) =>
      [...new Set([...defaultRangeExtractor(range), ...pins])].sort((a, b) => a - b),
  });

  const wanted = focus?.stage === stage.name ? focus : null;
  const seen = useRef(0);
  useEffect(() => {
    const index = wanted ? tasks.findIndex((task) => taskId(task) === wanted.id) : -1;
    if (wanted && index >= 0 && seen.current !== wanted.time) {
      seen.current = wanted.time;
      virtual.scrollToIndex(index, { align: "auto" });
      scroller.current?.parentElement?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }, [wanted, tasks, virtual]);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (data?.next && last >= (data?.tasks.length ?? 0) - AHEAD && !column.moreFailed) {
      askMore();
    }
  }, [data?.next, data?.tasks.length, last, askMore, column.moreFailed]);

  const first = tasks[0];
  const stop = wanted && pins.length > 0 ? wanted.id : first ? taskId(first) : null;
  const over = limit !== null && amount > limit;
  const colour = stageColour(workflow.stages, stage.name);
  const label =
    limit === null
      ? t("board.column", { name: stage.name, count: total })
      : t("board.column_limit", { name: stage.name, count: amount, limit });

  if (props.folded) {
    return (
      <section
        ref={setNodeRef}
        className={marked(`${classes.column} ${classes.folded}`, target)}
        aria-label={label}
        data-column={stage.name}
      >
        <Tooltip label={t("board.unfold", { name: stage.name })}>
          <ActionIcon
            size="sm"
            onClick={() => props.onFold(stage.id)}
            aria-label={t("board.unfold", { name: stage.name })}
            aria-expanded={false}
          >
            <IconArrowBarToRight size={15} />
          </ActionIcon>
        </Tooltip>
        <i className={classes.dot} style={{ "--stage": colour } as CSSProperties} />
        <h2 className={classes.name}>{stage.name}</h2>
        <span className={classes.count}>{data ? count(total) : ""}</span>
        <Overlay target={target} folded />
      </section>
    );
  }
  return (
    <section
      ref={setNodeRef}
      className={marked(classes.column, target)}
      aria-label={label}
      data-column={stage.name}
      style={{ "--stage": colour } as CSSProperties}
    >
      <header className={classes.head}>
        <i className={stage.end ? `${classes.dot} ${classes.end}` : classes.dot} />
        <h2 className={classes.name} title={stage.name}>
          {stage.name}
        </h2>
        {data && limit !== null && props.filtered && (
          <Count total={total} limit={null} over={false} />
        )}
        {data && <Count total={amount} limit={limit} over={over} />}
        {stage.end && (
          <IconCheck
            size={14}
            className={classes.mark}
            role="img"
            aria-label={t("board.end")}
            title={t("board.end")}
          />
        )}
        <Tooltip label={t("board.fold", { name: stage.name })}>
          <ActionIcon
            size="sm"
            className={classes.fold}
            onClick={() => props.onFold(stage.id)}
            aria-label={t("board.fold", { name: stage.name })}
            aria-expanded
          >
            <IconArrowBarToLeft size={15} />
          </ActionIcon>
        </Tooltip>
      </header>
      <Overlay target={target} />
      <div ref={scroller} className={classes.scroll}>
        {data && tasks.length === 0 && (
          <p className={classes.empty}>
            {t(props.filtered ? "board.empty_filtered" : "board.empty")}
          </p>
        )}
        {!data && !column.error && (
          <div className={classes.waiting} aria-busy="true">
            {SKELETONS.map((height) => (
              <Skeleton key={height} height={height} radius={9} />
            ))}
          </div>
        )}
        {!data && column.error && (
          <div className={classes.failed}>
            <p>{t("board.load_failed")}</p>
            <Button size="xs" variant="default" onClick={() => column.refetch()}>
              {t("shared.retry")}
            </Button>
          </div>
        )}
        <ul className={classes.list} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const task = tasks[item.index] as Task;
            const id = taskId(task);
            const entry = landed.get(id);
            return (
              <Card
                key={id}
                index={item.index}
                top={item.start}
                measure={virtual.measureElement}
                workflow={workflow}
                task={task}
                stage={stage.name}
                looks={props.looks}
                done={stage.end}
                nameOf={props.nameOf}
                place={item.index + 1}
                total={total}
                focused={wanted?.id === id ? wanted.time : 0}
                stop={stop === id}
                lifted={held === id}
                landed={Boolean(entry)}
                saving={entry?.saving && props.questioned !== id}
                draggable={props.draggable && !entry?.saving}
                onMenu={props.onMenu}
              />
            );
          })}
        </ul>
        {column.moreFailed && (
          <div className={classes.failed}>
            <Button size="xs" variant="default" onClick={askMore}>
              {t("board.more")}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
});

function Count(props: { total: number; limit: number | null; over: boolean }) {
  const { total, limit, over } = props;
  const said = limit === null ? undefined : t("board.count_limit", { count: total, limit });
  return (
    <span
      className={over ? `${classes.count} ${classes.full}` : classes.count}
      title={over && limit !== null ? t("board.over_limit", { limit }) : said}
    >
      {over && <IconAlertTriangle size={12} aria-hidden />}
      {limit === null ? count(total) : `${count(total)} / ${count(limit)}`}
    </span>
  );
}

/** What is said over a column while a card is in hand. */
function Overlay({ target, folded }: { target: Target; folded?: boolean }) {
  if (target.kind === "forbidden" && !folded) {
    return (
      <div className={classes.reason}>
        <IconBan size={16} aria-hidden />
        <span>{target.reason}</span>
      </div>
    );
  }
  if (target.kind === "possible" && target.over && !folded) {
    return (
      <div className={classes.here}>
        {target.full && <div>{t("board.full")}</div>}
        {target.needs.length > 0
          ? t("board.needs", { fields: target.needs.join(", ") })
          : t("board.drop_here")}
      </div>
    );
  }
  return null;
}

function marked(base: string | undefined, target: Target): string {
  const marks = [base];
  if (target.kind === "forbidden") {
    marks.push(classes.forbidden, target.over ? classes.refusing : undefined);
  } else if (target.kind !== "none" && target.over) {
    marks.push(classes.over);
  } else if (target.kind === "possible") {
    marks.push(classes.possible);
  }
  return marks.filter(Boolean).join(" ");
}

/** The cards of a column: those that landed come first, the one in hand stays where it was. */
function cards(
  loaded: Task[],
  stage: string,
  landed: ReadonlyMap<string, Landed>,
  inHand: InHand | null,
  held: string | null,
): Task[] {
  const own = [...landed.values()].filter((entry) => entry.to === stage).map((entry) => entry.task);
  const rest = loaded.filter((task) => {
    const id = taskId(task);
    return !landed.has(id) && (id !== held || inHand !== null);
  });
  const all = own.length > 0 ? [...own.toReversed(), ...rest] : rest;
  if (inHand && !all.some((task) => taskId(task) === held)) {
    return all.toSpliced(inHand.index, 0, inHand.task);
  }
  return all.length === loaded.length && own.length === 0 ? loaded : all;
}

/** How many cards more, or fewer, it will be once what is under way is saved. */
function underWay(landed: ReadonlyMap<string, Landed>, stage: string): number {
  return [...landed.values()]
    .filter((entry) => entry.saving)
    .reduce((sum, entry) => sum + (entry.to === stage ? 1 : 0) - (entry.from === stage ? 1 : 0), 0);
}
