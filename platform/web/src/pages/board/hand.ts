/** The card in somebody's hand: taken, carried and put down by pointer or by keys. */
import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useRef,
  useState,
} from "react";
import type { Tagged } from "@/api/queries";
import { STAGE, type Stage, type Task, taskId, titleOf, type Workflow } from "@/api/types";
import { useEvents } from "@/live/feed";
import { t } from "@/text";
import type { Shown } from "./Column";
import type { useMoves } from "./moves";
import type { Rules } from "./rules";

export interface Held {
  task: Task;
  from: string;
  index: number;
  by: "pointer" | "keys";
  tagged: Promise<Tagged>;
}

interface Options {
  workflow: Workflow;
  rules: Rules;
  moves: ReturnType<typeof useMoves>;
  shown: RefObject<Map<string, Shown>>;
  announce: (text: string) => void;
  focusOn: (id: string, stage: string) => void;
  area: RefObject<HTMLDivElement | null>;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

export function useHand(options: Options) {
  const { workflow, rules, moves, shown, announce, focusOn, area } = options;
  const [held, setHeld] = useState<Held | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const holding = useRef<Held | null>(null);
  const above = useRef<string | null>(null);
  const name = (task: Task) => titleOf(workflow, task);
  const stageOf = (title: string | null) => workflow.stages.find((one) => one.name === title);

  const show = (next: Held | null, column: string | null) => {
    holding.current = next;
    above.current = column;
    setHeld(next);
    setOver(column);
  };

  const take = (task: Task, from: string, by: Held["by"]): boolean => {
    const reason = rules.held(task);
    if (reason && by === "keys") {
      announce(t("board.no_pick", { name: name(task), reason }));
      return false;
    }
    const tasks = shown.current.get(from)?.tasks ?? [];
    const index = Math.max(
      0,
      tasks.findIndex((one) => taskId(one) === taskId(task)),
    );
    show({ task, from, index, by, tagged: moves.pickUp(task) }, from);
    announce(t("board.picked", { name: name(task), stage: from }));
    return true;
  };

  const carry = (column: string | null) => {
    const now = holding.current;
    if (!now || column === above.current) {
      return;
    }
    above.current = column;
    setOver(column);
    const stage = stageOf(column);
    if (stage) {
      announce(saidOver(now, stage));
    }
  };

  const saidOver = (now: Held, stage: Stage): string => {
    if (stage.name === now.from) {
      return t("board.over_origin", { stage: stage.name });
    }
    const reason = rules.forbidden(now.task, stage);
    if (reason) {
      return t("board.over_forbidden", { stage: stage.name, reason });
    }
    const count = shown.current.get(stage.name)?.total ?? 0;
    const limit = stage.limit ?? null;
    const there = shown.current.get(stage.name)?.held ?? 0;
    return limit !== null && there >= limit
      ? t("board.over_full", { stage: stage.name, count: there, limit })
      : t("board.over", { stage: stage.name, count });
  };

  const letGo = () => {
    const now = holding.current;
    if (now) {
      show(null, null);
      announce(t("board.cancelled", { name: name(now.task), stage: now.from }));
    }
  };

  /** Moves the card to a stage; false where that is not possible, as was said. */
  const start = (task: Task, from: string, to: Stage, tagged: Promise<Tagged>): boolean => {
    const reason = rules.forbidden(task, to);
    if (reason) {
      announce(t("board.not_dropped", { reason }));
      return false;
    }
    announce(t("board.dropping", { name: name(task), stage: to.name }));
    const count = shown.current.get(to.name)?.held ?? 0;
    const move = { id: taskId(task), task, from, to, tagged };
    moves.drop(move, count, to.limit ?? null);
    return true;
  };

  const put = (column: string | null) => {
    const now = holding.current;
    const to = stageOf(column);
    if (!now || !to || to.name === now.from) {
      letGo();
      return;
    }
    if (start(now.task, now.from, to, now.tagged)) {
      show(null, null);
    } else if (now.by === "pointer") {
      show(null, null);
    }
  };

  const send = (task: Task, to: Stage) => {
    start(task, task[STAGE], to, moves.pickUp(task));
  };

  const key = (
    event: KeyboardEvent<HTMLElement>,
    onMenu: (task: Task, at: HTMLElement) => void,
  ) => {
    const card = (event.target as HTMLElement).closest<HTMLElement>("[data-card]");
    if (!card || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const at = whereIs(card, shown.current);
    if (at && (holding.current ? carrying(event) : going(event, at, card, onMenu))) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  /** A key while a card is in hand. */
  const carrying = (event: KeyboardEvent): boolean => {
    const step = STEPS[event.key];
    const places = workflow.stages.map((stage) => stage.name);
    if (step) {
      const next = places[places.indexOf(above.current ?? "") + step];
      if (next) {
        carry(next);
        scrollTo(area.current, next);
      }
    } else if (event.key === " " || event.key === "Enter") {
      put(above.current);
    } else if (event.key === "Escape") {
      const now = holding.current;
      letGo();
      scrollTo(area.current, now?.from ?? "");
    } else if (event.key === "Tab") {
      letGo();
      return false;
    } else if (event.key === "Home" || event.key === "End") {
      const next = places.at(event.key === "Home" ? 0 : -1) ?? null;
      carry(next);
      scrollTo(area.current, next ?? "");
    }
    return true;
  };

  /** A key on a card while none is in hand. */
  const going = (
    event: KeyboardEvent,
    at: Place,
    card: HTMLElement,
    onMenu: (task: Task, at: HTMLElement) => void,
  ): boolean => {
    const up = {
      ArrowUp: at.index - 1,
      ArrowDown: at.index + 1,
      Home: 0,
      End: at.tasks.length - 1,
    };
    const next = up[event.key as keyof typeof up];
    if (event.key === " ") {
      take(at.task, at.stage, "keys");
    } else if (event.key === "m") {
      onMenu(at.task, card);
    } else if (next !== undefined) {
      focusAt(at.stage, next);
    } else if (STEPS[event.key]) {
      beside(at, STEPS[event.key] ?? 0);
    } else {
      return false;
    }
    return true;
  };

  const focusAt = (stage: string, index: number) => {
    const task = shown.current.get(stage)?.tasks[index];
    if (task) {
      focusOn(taskId(task), stage);
    }
  };

  /** Goes to the next column that has cards. */
  const beside = (at: Place, step: number) => {
    const places = workflow.stages.map((stage) => stage.name);
    for (let place = places.indexOf(at.stage) + step; places[place]; place += step) {
      const stage = places[place] ?? "";
      const length = shown.current.get(stage)?.tasks.length ?? 0;
      if (length > 0) {
        focusAt(stage, Math.min(at.index, length - 1));
        scrollTo(area.current, stage);
        return;
      }
    }
  };

  const blur = (event: FocusEvent) => {
    const now = holding.current;
    if (now?.by === "keys" && event.relatedTarget && !isCard(event.relatedTarget, now)) {
      letGo();
    }
  };

  useEvents(
    useCallback(
      (events) => {
        const now = holding.current;
        const moved = now && events.findLast((event) => event.task === taskId(now.task));
        const to = moved?.changes.find((change) => change.field === STAGE)?.to;
        if (now && to && to !== now.from) {
          const said = { name: titleOf(workflow, now.task), stage: String(to) };
          announce(t("board.others_moved", said));
        }
      },
      [workflow, announce],
    ),
  );

  return { held, over, take, carry, put, letGo, send, key, blur };
}

interface Place {
  stage: string;
  tasks: Task[];
  index: number;
  task: Task;
}

function whereIs(card: HTMLElement, shown: Map<string, Shown>): Place | null {
  const { card: id, stage = "" } = card.dataset;
  const tasks = shown.get(stage)?.tasks ?? [];
  const index = tasks.findIndex((task) => taskId(task) === id);
  const task = tasks[index];
  return task ? { stage, tasks, index, task } : null;
}

function isCard(element: EventTarget, held: Held): boolean {
  return element instanceof HTMLElement && element.dataset.card === taskId(held.task);
}

function scrollTo(area: HTMLElement | null, stage: string): void {
  const column = [...(area?.children ?? [])].find(
    (one) => (one as HTMLElement).dataset.column === stage,
  );
  column?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
