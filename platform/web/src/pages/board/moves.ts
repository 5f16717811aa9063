/**
 * Moving cards. A card that was dropped stands at the top of its new column at once (it has
 * landed), whatever the lists say, while the server is asked; it goes back where the server
 * refuses. What has to be asked before it can be saved is the `question`.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { isProblem } from "@/api/client";
import { type Conflicts, Problem } from "@/api/problem";
import { keys, type Tagged, useWriteTask } from "@/api/queries";
import {
  type Field,
  STAGE,
  type Stage,
  type Task,
  type TaskEvent,
  taskId,
  titleOf,
  type Workflow,
} from "@/api/types";
import { useEvents } from "@/live/feed";
import { showFailure } from "@/shared/notices";
import { t } from "@/text";
import { boardKey, fetchTagged, type Loaded, lastMove } from "./queries";
import { missingFor } from "./rules";

const GONE = 404;
const CHANGED = 412;
const FAULTY = 422;

export interface Move {
  id: string;
  task: Task;
  from: string;
  to: Stage;
  /** The task as it was when it was picked up. */
  tagged: Promise<Tagged>;
}

export interface Landed {
  task: Task;
  from: string;
  to: string;
  /** The server was not asked yet, or did not answer yet. */
  saving: boolean;
}

export type Question =
  | { kind: "limit"; move: Move; held: number; limit: number }
  | { kind: "form"; move: Move; task: Task; etag: string; fields: Field[]; failure: unknown }
  | {
      kind: "conflict";
      move: Move;
      values: Record<string, unknown>;
      conflicts: Conflicts;
      last: TaskEvent | null;
    };

interface Options {
  workflow: Workflow;
  announce: (text: string) => void;
  focus: (id: string, stage: string) => void;
}

export function useMoves({ workflow, announce, focus }: Options) {
  const cache = useQueryClient();
  const { mutateAsync: write } = useWriteTask(workflow);
  const [landed, setLanded] = useState<ReadonlyMap<string, Landed>>(new Map());
  const [question, setQuestion] = useState<Question | null>(null);
  const latest = useRef(landed);
  latest.current = landed;

  const refresh = useCallback(
    (...stages: string[]) => {
      const ids = workflow.stages.filter((one) => stages.includes(one.name)).map((one) => one.id);
      return Promise.all(
        ids.map((id) => cache.invalidateQueries({ queryKey: [...boardKey(workflow.id), id] })),
      );
    },
    [cache, workflow],
  );

  const put = useCallback((id: string, entry: Landed | null) => {
    setLanded((before) => {
      const after = new Map(before);
      after.delete(id);
      if (entry) {
        after.set(id, entry);
      }
      return after;
    });
  }, []);

  /** What others made of a card that landed; where they moved it on, the lists say where it is. */
  const renew = useCallback((id: string, known: Landed, task: Task | null) => {
    setLanded((before) => {
      if (before.get(id) !== known) {
        return before;
      }
      const after = new Map(before);
      if (task?.[STAGE] === known.to) {
        after.set(id, { ...known, task });
      } else {
        after.delete(id);
      }
      return after;
    });
  }, []);

  useEvents(
    useCallback(
      (events: readonly TaskEvent[]) => {
        const ours = events.filter((event) => event.workflow === workflow.id);
        for (const id of new Set(ours.map((event) => event.task))) {
          const entry = latest.current.get(id);
          if (entry && !entry.saving) {
            fetchTagged(cache, workflow.id, id).then(
              ({ task }) => renew(id, entry, task),
              () => renew(id, entry, null),
            );
          }
        }
        if (ours.length > 0) {
          cache.invalidateQueries({ queryKey: boardKey(workflow.id) });
        }
      },
      [cache, workflow.id, renew],
    ),
  );

  const moves = useMemo(() => {
    const land = (move: Move, task: Task, saving: boolean) =>
      put(move.id, { task, from: move.from, to: move.to.name, saving });
    const back = (move: Move, said: string) => {
      put(move.id, null);
      setQuestion(null);
      announce(said);
      focus(move.id, move.from);
    };
    const name = (move: Move) => titleOf(workflow, move.task);

    const refused = async (move: Move, failure: unknown) => {
      const gone = isProblem(failure, GONE);
      const title = t(gone ? "board.gone" : "board.refused", {
        name: name(move),
        stage: move.to.name,
      });
      showFailure(failure, title);
      back(move, title);
      await refresh(move.from, move.to.name);
    };

    const conflict = async (
      move: Move,
      values: Record<string, unknown>,
      conflicts: Conflicts,
    ): Promise<void> => {
      const last = await lastMove(workflow.id, move.id).catch(() => null);
      setQuestion({ kind: "conflict", move, values, conflicts, last });
      refresh(move.from, ...workflow.stages.map((stage) => stage.name));
    };

    const save = async (
      move: Move,
      { task, etag }: Tagged,
      values: Record<string, unknown>,
      asking: Field[],
    ): Promise<void> => {
      try {
        const sent = { ...values, [STAGE]: move.to.name };
        const written = await write({ values: sent, task, etag });
        settled(move, written.task);
      } catch (failure) {
        if (isProblem(failure, CHANGED)) {
          await conflict(move, values, failure.conflicts);
          return;
        }
        const fields = faulty(workflow, failure, asking);
        if (isProblem(failure, GONE) || fields.length === 0) {
          await refused(move, failure);
          return;
        }
        setQuestion({ kind: "form", move, task: { ...task, ...values }, etag, fields, failure });
      }
    };

    const settled = (move: Move, task: Task) => {
      // A rule of the workflow may have led the task on to another stage.
      const to = task[STAGE];
      put(move.id, { task, from: move.from, to, saving: false });
      setQuestion(null);
      shift(move, to);
      announce(t("board.moved", { name: name(move), stage: to }));
      focus(move.id, to);
      refresh(move.from, move.to.name, to);
      cache.invalidateQueries({ queryKey: keys.tasks(workflow.id) });
    };

    /** Keeps the counts right until the columns have been read anew. */
    const shift = (move: Move, to: string) => {
      for (const [stage, by] of [
        [move.from, -1],
        [to, 1],
      ] as const) {
        const id = workflow.stages.find((one) => one.name === stage)?.id;
        cache.setQueriesData<Loaded>({ queryKey: [...boardKey(workflow.id), id] }, (column) =>
          column ? { ...column, total: Math.max(0, column.total + by) } : column,
        );
      }
    };

    const go = async (move: Move): Promise<void> => {
      try {
        const { task, etag } = await move.tagged;
        if (task[STAGE] !== move.from) {
          const stages = { base: move.from, theirs: task[STAGE], yours: move.to.name };
          await conflict(move, {}, { [STAGE]: stages });
          return;
        }
        const fields = missingFor(workflow, move.to, task, {});
        if (fields.length > 0) {
          setQuestion({ kind: "form", move, task, etag, fields, failure: null });
          return;
        }
        await save(move, { task, etag }, {}, []);
      } catch (failure) {
        await refused(move, failure);
      }
    };

    return {
      /** Puts a card down; `held` is how many cards its new column has now. */
      drop: (move: Move, held: number, limit: number | null): void => {
        land(move, { ...move.task, [STAGE]: move.to.name }, true);
        if (limit !== null && held + 1 > limit) {
          setQuestion({ kind: "limit", move, held, limit });
          return;
        }
        go(move);
      },
      /** The limit does not matter. */
      allow: (move: Move): void => {
        setQuestion(null);
        go(move);
      },
      /** What the form brought. */
      fill: (asked: Extract<Question, { kind: "form" }>, values: Record<string, unknown>) =>
        save(asked.move, asked, values, asked.fields),
      /** Mine, whatever others did. */
      insist: async (asked: Extract<Question, { kind: "conflict" }>): Promise<void> => {
        const { move } = asked;
        try {
          const tagged = await fetchTagged(cache, workflow.id, move.id);
          setQuestion(null);
          const fields = missingFor(workflow, move.to, tagged.task, asked.values);
          if (fields.length > 0) {
            setQuestion({ kind: "form", move, ...tagged, fields, failure: null });
          } else {
            await save(move, tagged, asked.values, []);
          }
        } catch (failure) {
          await refused(move, failure);
        }
      },
      /** Leaves things as they are. */
      cancel: (move: Move): void => {
        back(move, t("board.cancelled", { name: name(move), stage: move.from }));
        refresh(move.from, move.to.name);
      },
      pickUp: (task: Task): Promise<Tagged> => {
        const tagged = fetchTagged(cache, workflow.id, taskId(task));
        // Who picks up and lets go need not know that it failed.
        tagged.catch(() => undefined);
        return tagged;
      },
    };
  }, [workflow, cache, write, put, announce, focus, refresh]);

  /** Forgets where cards landed, as another order or filter says where they are. */
  const settle = useCallback(() => {
    setLanded((before) => new Map([...before].filter(([, entry]) => entry.saving)));
  }, []);

  return { landed, question, settle, ...moves };
}

/** The fields that a refusal speaks of, with those that were asked for before. */
function faulty(workflow: Workflow, failure: unknown, before: Field[]): Field[] {
  if (before.length > 0 && !(failure instanceof Problem && failure.status === GONE)) {
    // What was typed stays on the screen, whatever went wrong.
    const more = failure instanceof Problem ? blamed(workflow, failure) : [];
    return workflow.fields.filter((field) => before.includes(field) || more.includes(field));
  }
  return isProblem(failure, FAULTY) ? blamed(workflow, failure) : [];
}

function blamed(workflow: Workflow, problem: Problem): Field[] {
  return workflow.fields.filter((field) => problem.of(field).length > 0);
}
