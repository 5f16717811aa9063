import {
  DndContext,
  type DragOverEvent,
  DragOverlay,
  type DragStartEvent,
  MouseSensor,
  pointerWithin,
  TouchSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { Button } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, type SetURLSearchParams } from "react-router";
import { useMembers } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { STAGE, type Stage, type Task, taskId, type View, type Workflow } from "@/api/types";
import { workflowAddress } from "@/app/places";
import { nameOf as nameOfMember } from "@/fields/person";
import type { Query } from "@/filters";
import { Page } from "@/shared/Page";
import { t } from "@/text";
import classes from "./Board.module.css";
import { Face } from "./Card";
import cardClasses from "./Card.module.css";
import { Column, type Focus, type InHand, type Shown, type Target } from "./Column";
import { Dialogs } from "./Dialogs";
import { useHand } from "./hand";
import { asked, useLooks } from "./looks";
import { MoveMenu } from "./MoveMenu";
import { useMoves } from "./moves";
import { type Rules, useRules } from "./rules";
import { useBoardShortcuts } from "./shortcuts";
import { Toolbar } from "./Toolbar";

const MOUSE = { activationConstraint: { distance: 5 } };
const TOUCH = { activationConstraint: { delay: 220, tolerance: 8 } };
const SILENT = {
  announcements: {
    onDragStart: () => undefined,
    onDragOver: () => undefined,
    onDragEnd: () => undefined,
    onDragCancel: () => undefined,
  },
  screenReaderInstructions: { draggable: "" },
};
const NO_TARGET: Target = { kind: "none" };

interface Props {
  workflow: Workflow;
  query: Query;
  view: View | undefined;
  setParams: SetURLSearchParams;
}

export function Board({ workflow, query, view, setParams }: Props) {
  const rules = useRules(workflow);
  const { looks, looksChanged, setLooks } = useLooks(workflow, view);
  const nameOf = useNamesOnce(workflow.id);
  const [said, announce] = useState("");
  const [focus, setFocus] = useState<Focus | null>(null);
  const times = useRef(0);
  const focusOn = useCallback((id: string, stage: string) => {
    times.current += 1;
    setFocus({ id, stage, time: times.current });
  }, []);
  const moves = useMoves({ workflow, announce, focus: focusOn });
  const shown = useRef(new Map<string, Shown>());
  const [total, setTotal] = useState<number | null>(null);
  const onShown = useCallback(
    (stage: string, column: Shown) => {
      shown.current.set(stage, column);
      const known = workflow.stages.map((one) => shown.current.get(one.name)?.total ?? 0);
      setTotal(known.reduce((sum, one) => sum + one, 0));
    },
    [workflow],
  );
  const columnQuery = useMemo(
    () => ({
      where: query.where,
      sort: query.sort,
      ...(query.q ? { q: query.q } : {}),
      fields: asked(workflow, looks),
    }),
    [query, workflow, looks],
  );
  const asking = JSON.stringify([query.where, query.sort, query.q]);
  const { settle } = moves;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question has other places
  useEffect(settle, [asking, settle]);

  const area = useRef<HTMLDivElement>(null);
  const hand = useHand({ workflow, rules, moves, shown, announce, focusOn, area });
  const [menu, setMenu] = useState<{ task: Task; at: DOMRect } | null>(null);
  const onMenu = useCallback(
    (task: Task, at: HTMLElement) => setMenu({ task, at: at.getBoundingClientRect() }),
    [],
  );
  const [foldedIds, setFolded] = useFolded(workflow.id);
  const onFold = useCallback(
    (id: string) =>
      setFolded((before) =>
        before.includes(id) ? before.filter((one) => one !== id) : [...before, id],
      ),
    [setFolded],
  );
  const focusFirst = useCallback(() => {
    for (const stage of workflow.stages) {
      const [first] = shown.current.get(stage.name)?.tasks ?? [];
      if (first) {
        focusOn(taskId(first), stage.name);
        return;
      }
    }
  }, [workflow, focusOn]);
  useBoardShortcuts(workflow, rules.creates, focusFirst);

  const sensors = useSensors(useSensor(MouseSensor, MOUSE), useSensor(TouchSensor, TOUCH));
  const { held } = hand;
  const heldId = held ? taskId(held.task) : null;
  const inHand: InHand | null = useMemo(
    () => (held ? { task: held.task, index: held.index } : null),
    [held],
  );
  const targets = useTargets(workflow, rules, shown, hand);
  const carried = held?.by === "pointer" ? held.task : null;
  return (
    <div className={classes.whole}>
      <Page
        title={workflow.name}
        lead={total === null ? undefined : t("board.lead", { count: total })}
        flush
        actions={
          rules.creates && (
            <Button
              component={Link}
              to={workflowAddress(workflow.id, "new")}
              leftSection={<IconPlus size={16} aria-hidden />}
            >
              {t("board.new")}
            </Button>
          )
        }
      >
        <Toolbar
          workflow={workflow}
          query={query}
          view={view}
          setParams={setParams}
          looks={looks}
          looksChanged={looksChanged}
          setLooks={setLooks}
        />
        {rules.fixed && <p className={classes.fixed}>{rules.fixed}</p>}
        <DndContext
          sensors={sensors}
          collisionDetection={pointerWithin}
          accessibility={SILENT}
          onDragStart={(event: DragStartEvent) => {
            const { task, stage } = event.active.data.current as { task: Task; stage: string };
            hand.take(task, stage, "pointer");
          }}
          onDragOver={(event: DragOverEvent) => hand.carry(event.over ? `${event.over.id}` : null)}
          onDragEnd={(event) => hand.put(event.over ? `${event.over.id}` : null)}
          onDragCancel={() => hand.letGo()}
        >
          {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of the cards in it */}
          <div
            ref={area}
            className={held ? `${classes.board} ${classes.busy}` : classes.board}
            onKeyDown={(event: KeyboardEvent<HTMLElement>) => hand.key(event, onMenu)}
            onBlur={hand.blur}
          >
            {workflow.stages.map((stage) => (
              <Column
                key={stage.id}
                workflow={workflow}
                stage={stage}
                query={columnQuery}
                filtered={query.where !== null || query.q !== ""}
                limit={stage.limit ?? null}
                looks={looks}
                nameOf={nameOf}
                landed={moves.landed}
                questioned={moves.question?.move.id ?? null}
                inHand={held?.from === stage.name ? inHand : null}
                held={heldId}
                target={targets.get(stage.name) ?? NO_TARGET}
                focus={focus}
                draggable={rules.fixed === null}
                folded={foldedIds.includes(stage.id)}
                onFold={onFold}
                onMenu={onMenu}
                onShown={onShown}
              />
            ))}
          </div>
          <DragOverlay dropAnimation={null} zIndex={400}>
            {carried && (
              <div className={cardClasses.carried} data-carried>
                <div className={cardClasses.link}>
                  <Face
                    workflow={workflow}
                    task={carried}
                    looks={looks}
                    done={isDone(workflow, carried)}
                    nameOf={nameOf}
                  />
                </div>
              </div>
            )}
          </DragOverlay>
        </DndContext>
      </Page>
      <div id="board-instructions" hidden>
        {t("board.instructions")}
      </div>
      <div className="tl-hidden" role="status" aria-live="assertive" data-said>
        {said}
      </div>
      {menu && (
        <MoveMenu
          workflow={workflow}
          task={menu.task}
          at={menu.at}
          reasonOf={(stage) => rules.forbidden(menu.task, stage)}
          onClose={(focusBack) => {
            setMenu(null);
            if (focusBack) {
              focusOn(taskId(menu.task), menu.task[STAGE]);
            }
          }}
          onMove={(stage) => hand.send(menu.task, stage)}
        />
      )}
      <Dialogs workflow={workflow} moves={moves} />
    </div>
  );
}

function isDone(workflow: Workflow, task: Task): boolean {
  return workflow.stages.some((stage) => stage.name === task[STAGE] && stage.end);
}

/** Names by e-mail, looked up once for all cards. */
function useNamesOnce(workflow: string): (email: string) => string {
  const { data: members } = useMembers(workflow);
  return useMemo(() => {
    const names = new Map((members ?? []).map((member) => [member.email, nameOfMember(member)]));
    return (email: string) => names.get(email) ?? email;
  }, [members]);
}

/** Which columns somebody folded, by user and workflow. */
function useFolded(workflow: string) {
  const user = useStore(session)?.user.id ?? "";
  return useLocalStorage<string[]>({
    key: `taskloom.folded:${user}:${workflow}`,
    defaultValue: [],
    getInitialValueInEffect: false,
  });
}

/** What each column is for the card in hand. */
function useTargets(
  workflow: Workflow,
  rules: Rules,
  shown: { current: Map<string, Shown> },
  hand: ReturnType<typeof useHand>,
): ReadonlyMap<string, Target> {
  const { held, over } = hand;
  const reasons = useMemo(
    () =>
      new Map(
        held ? workflow.stages.map((stage) => [stage.name, rules.forbidden(held.task, stage)]) : [],
      ),
    [workflow, rules, held],
  );
  return useMemo(() => {
    if (!held) {
      return new Map();
    }
    const target = (stage: Stage): Target => {
      const at = over === stage.name;
      if (stage.name === held.from) {
        return { kind: "origin", over: at };
      }
      const reason = reasons.get(stage.name);
      if (reason) {
        return { kind: "forbidden", over: at, reason };
      }
      const limit = stage.limit ?? null;
      const full = limit !== null && (shown.current.get(stage.name)?.held ?? 0) >= limit;
      const needs = workflow.fields
        .filter((field) => stage.require.includes(field.id) && isKnownUnset(held.task, field.name))
        .map((field) => field.name);
      return { kind: "possible", over: at, full, needs };
    };
    return new Map(workflow.stages.map((stage) => [stage.name, target(stage)]));
  }, [workflow, held, over, reasons, shown]);
}

/** A card holds not all values of its task: what it does not know is not told as missing. */
function isKnownUnset(task: Task, title: string): boolean {
  return title in task && (task[title] === null || task[title] === "");
}
