import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  MouseSensor,
  TouchSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { ActionIcon } from "@mantine/core";
import { IconGripVertical } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { t } from "@/text";
import classes from "./Designer.module.css";

const MOUSE = { activationConstraint: { distance: 4 } };
const TOUCH = { activationConstraint: { delay: 180, tolerance: 8 } };
const SILENT = {
  announcements: {
    onDragStart: () => undefined,
    onDragOver: () => undefined,
    onDragEnd: () => undefined,
    onDragCancel: () => undefined,
  },
  screenReaderInstructions: { draggable: "" },
};
const STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 };

interface Props<T> {
  items: readonly T[];
  idOf: (item: T, at: number) => string;
  nameOf: (item: T) => string;
  onMove: (from: number, to: number) => void;
  locked?: boolean;
  label: string;
  className?: string;
  children: (item: T, at: number, handle: ReactNode) => ReactNode;
}

/** A list in an order that is changed by its handles: by mouse, by finger, by arrow keys. */
export function Sortable<T>(props: Props<T>) {
  const { items, idOf, nameOf, onMove, locked, label, className, children } = props;
  const sensors = useSensors(useSensor(MouseSensor, MOUSE), useSensor(TouchSensor, TOUCH));
  const [said, announce] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const ids = items.map(idOf);
  const move = (from: number, to: number) => {
    const item = items[from];
    if (item === undefined || to < 0 || to >= items.length || to === from) {
      return;
    }
    onMove(from, to);
    announce(t("designer.moved", { name: nameOf(item), place: to + 1, total: items.length }));
  };
  const ended = ({ active, over }: DragEndEvent) => {
    if (over) {
      move(ids.indexOf(String(active.id)), ids.indexOf(String(over.id)));
    }
  };
  const step = (event: KeyboardEvent, at: number) => {
    const to = at + (STEPS[event.key] ?? 0);
    if (to === at) {
      return;
    }
    event.preventDefault();
    move(at, to);
    const place = Math.max(0, Math.min(to, items.length - 1));
    requestAnimationFrame(() => {
      const handles = list.current?.querySelectorAll<HTMLElement>("[data-handle]");
      handles?.[place]?.focus();
    });
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={ended}
      accessibility={SILENT}
    >
      <ul ref={list} className={className} aria-label={label}>
        {items.map((item, at) => (
          <Row key={ids[at]} id={ids[at] ?? ""} at={at} ids={ids}>
            {(grip) =>
              children(
                item,
                at,
                locked ? null : (
                  <ActionIcon
                    {...grip}
                    data-handle
                    size="sm"
                    className={classes.handle}
                    aria-label={t("designer.move", { name: nameOf(item) })}
                    aria-description={t("designer.move_hint")}
                    onKeyDown={(event) => step(event, at)}
                  >
                    <IconGripVertical size={15} aria-hidden />
                  </ActionIcon>
                ),
              )
            }
          </Row>
        ))}
      </ul>
      <div className="tl-hidden" aria-live="polite">
        {said}
      </div>
    </DndContext>
  );
}

type Grip = Record<string, unknown>;

function Row(props: {
  id: string;
  at: number;
  ids: readonly string[];
  children: (grip: Grip) => ReactNode;
}) {
  const { id, at, ids, children } = props;
  const { listeners, setNodeRef, setActivatorNodeRef, transform, isDragging } = useDraggable({
    id,
  });
  const { setNodeRef: setPlace, isOver, active } = useDroppable({ id });
  const from = active ? ids.indexOf(String(active.id)) : -1;
  const drop = isOver && from !== at ? (from < at ? "after" : "before") : undefined;
  return (
    <li
      ref={(node) => {
        setNodeRef(node);
        setPlace(node);
      }}
      className={classes.row}
      data-dragging={isDragging || undefined}
      data-drop={drop}
      style={transform ? { transform: `translateY(${transform.y}px)` } : undefined}
    >
      {children({ ...listeners, ref: setActivatorNodeRef })}
    </li>
  );
}
