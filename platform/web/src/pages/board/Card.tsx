import { useDraggable } from "@dnd-kit/core";
import { ActionIcon, Loader } from "@mantine/core";
import { IconCalendarEvent, IconDots } from "@tabler/icons-react";
import { memo, type Ref, useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import {
  assigneesOf,
  type Field,
  type Task,
  taskId,
  titleOf,
  uidOf,
  type Workflow,
} from "@/api/types";
import { taskAddress } from "@/app/places";
import { Cell, isUnset, kindOf } from "@/fields";
import { dayText, momentText } from "@/fields/calendar";
import { Avatar } from "@/shared/Avatar";
import { t } from "@/text";
import classes from "./Card.module.css";
import { isPast, type Looks } from "./looks";

const MOST_PEOPLE = 3;
const PILLS = new Set(["singleSelect", "multipleSelect"]);

export interface FaceProps {
  workflow: Workflow;
  task: Task;
  looks: Looks;
  /** Whether its stage is an end: nothing is late there. */
  done: boolean;
  nameOf: (email: string) => string;
  saving?: boolean;
}

/** What stands on a card. */
export const Face = memo(function Face(props: FaceProps) {
  const { workflow, task, looks, done, nameOf, saving } = props;
  const uid = uidOf(workflow, task);
  const title = titleOf(workflow, task);
  const shown = workflow.fields.filter(
    (field) =>
      looks.fields.includes(field.name) && field.name !== looks.due && !isUnset(task[field.name]),
  );
  const pills = shown.filter((field) => PILLS.has(field.type));
  const others = shown.filter((field) => !PILLS.has(field.type));
  const people = assigneesOf(task);
  const due = looks.due ? task[looks.due] : null;
  return (
    <>
      {uid !== null && uid !== title && <span className={classes.uid}>{uid}</span>}
      <span className={classes.title}>{title}</span>
      {pills.length > 0 && (
        <span className={classes.pills}>
          {pills.map((field) => (
            <Cell key={field.id} field={field} value={task[field.name]} />
          ))}
        </span>
      )}
      {others.map((field) => (
        <span key={field.id} className={classes.field}>
          <span className={classes.label}>{field.name}</span>
          <span className={classes.value}>
            <Value field={field} value={task[field.name]} nameOf={nameOf} />
          </span>
        </span>
      ))}
      {(!isUnset(due) || people.length > 0 || saving) && (
        <span className={classes.foot}>
          {!isUnset(due) && <Due value={due} late={!done && isPast(due)} />}
          {saving && (
            <span className={classes.saving}>
              <Loader size={12} color="gray" aria-hidden />
              {t("board.saving")}
            </span>
          )}
          <People emails={people} nameOf={nameOf} />
        </span>
      )}
    </>
  );
});

function Due({ value, late }: { value: unknown; late: boolean }) {
  const text = String(value).includes("T") ? momentText(value) : dayText(value);
  return (
    <span className={late ? `${classes.due} ${classes.late}` : classes.due}>
      <IconCalendarEvent size={14} stroke={1.7} aria-hidden />
      <span className="tl-hidden">{t(late ? "board.overdue" : "board.due_short")} </span>
      {text}
    </span>
  );
}

function People({ emails, nameOf }: { emails: string[]; nameOf: (email: string) => string }) {
  if (emails.length === 0) {
    return null;
  }
  const names = emails.map(nameOf).join(", ");
  return (
    <span className={classes.people} title={names}>
      <span className="tl-hidden">{t("board.assigned", { names })}</span>
      {emails.slice(0, MOST_PEOPLE).map((email) => (
        <Avatar key={email} email={email} name={nameOf(email)} size={22} />
      ))}
      {emails.length > MOST_PEOPLE && (
        <span className={classes.others} aria-hidden>
          +{emails.length - MOST_PEOPLE}
        </span>
      )}
    </span>
  );
}

/** A value in one line, without anything to click: the whole card is a link. */
function Value(props: { field: Field; value: unknown; nameOf: (email: string) => string }) {
  const { field, value, nameOf } = props;
  switch (field.type) {
    case "url":
    case "email":
      return kindOf(field).text(value);
    case "person":
      return nameOf(String(value));
    case "personList":
      return (value as string[]).map(nameOf).join(", ");
    default:
      return <Cell field={field} value={value} />;
  }
}

interface CardProps extends FaceProps {
  stage: string;
  /** Place in its column, from one, of so many. */
  place: number;
  total: number;
  /** Changes whenever the card is to take the focus. */
  focused: number;
  /** Whether the Tab key stops here. */
  stop: boolean;
  /** In somebody's hand: only its outline stays. */
  lifted: boolean;
  landed: boolean;
  draggable: boolean;
  onMenu: (task: Task, at: HTMLElement) => void;
  measure: Ref<HTMLLIElement>;
  index: number;
  top: number;
}

/** A card in its column: a link to the task that can be taken and carried. */
export const Card = memo(function Card(props: CardProps) {
  const { workflow, task, stage, lifted, landed, draggable, onMenu, measure, index, top } = props;
  const id = taskId(task);
  const link = useRef<HTMLAnchorElement>(null);
  const navigate = useNavigate();
  const { setNodeRef, listeners } = useDraggable({
    id,
    data: { task, stage },
    disabled: !draggable,
  });
  const { focused } = props;
  useEffect(() => {
    if (focused > 0) {
      link.current?.focus({ preventScroll: true });
    }
  }, [focused]);
  const address = taskAddress(workflow.id, id);
  const marks = [classes.card, lifted && classes.lifted, landed && classes.landed];
  return (
    <li
      ref={measure}
      data-index={index}
      className={classes.slot}
      style={{ transform: `translateY(${top}px)` }}
      aria-setsize={props.total}
      aria-posinset={props.place}
    >
      <div ref={setNodeRef} className={marks.filter(Boolean).join(" ")}>
        <a
          ref={link}
          {...listeners}
          href={address}
          draggable={false}
          className={classes.link}
          data-card={id}
          data-stage={stage}
          tabIndex={props.stop ? 0 : -1}
          aria-describedby="board-instructions"
          onClick={(event) => {
            if (!(event.metaKey || event.ctrlKey || event.shiftKey)) {
              event.preventDefault();
              navigate(address);
            }
          }}
        >
          <Face
            workflow={workflow}
            task={task}
            looks={props.looks}
            done={props.done}
            nameOf={props.nameOf}
            saving={props.saving}
          />
        </a>
        <ActionIcon
          className={classes.menu}
          size="sm"
          tabIndex={-1}
          aria-label={t("board.actions", { name: titleOf(workflow, task) })}
          aria-haspopup="menu"
          onClick={(event) => onMenu(task, event.currentTarget)}
        >
          <IconDots size={16} />
        </ActionIcon>
      </div>
    </li>
  );
});
