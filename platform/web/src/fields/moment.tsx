import { ActionIcon, Popover, TextInput } from "@mantine/core";
import { IconCalendar } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { t } from "@/text";
import { dayText, isDay, meantDay, momentOf, momentText, wallOf, zone } from "./calendar";
import { framed, keyed } from "./editing";
import { type CellProps, type EditorProps, isUnset, type KindOfField } from "./kind";
import { plain } from "./text";

const Month = lazy(() => import("./Month"));

function DateCell({ value }: CellProps) {
  return isUnset(value) ? null : <time dateTime={plain(value)}>{dayText(value)}</time>;
}

function MomentCell({ value }: CellProps) {
  return isUnset(value) ? null : (
    <time dateTime={plain(value)} title={plain(value)}>
      {momentText(value)}
    </time>
  );
}

/** A calendar to pick from, opened by the button at the right of a text. */
function Picker(props: {
  field: EditorProps["field"];
  day: string;
  onPick: (day: string) => void;
}) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <ActionIcon
          size="sm"
          aria-label={t("fields.open_calendar", { name: props.field.name })}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => setOpened((shown) => !shown)}
        >
          <IconCalendar size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Suspense>
          <Month
            day={isDay(props.day) ? props.day : null}
            onPick={(day) => {
              setOpened(false);
              props.onPick(day);
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}

function DateEditor(props: EditorProps) {
  const { value, onChange, onCommit } = props;
  const shown = plain(value);
  const sent = () => (shown === "" ? null : meantDay(shown));
  const wrong = shown !== "" && !isDay(meantDay(shown));
  return (
    <TextInput
      {...framed({
        ...props,
        fault: props.fault ?? (wrong ? t("fields.date_invalid") : undefined),
      })}
      placeholder={t("fields.date_hint")}
      classNames={{ input: "tl-numbers" }}
      autoComplete="off"
      value={shown}
      onChange={(event) => onChange(event.currentTarget.value || null)}
      onBlur={(event) => {
        if (sent() !== value) {
          onChange(sent());
        }
        if (!event.currentTarget.parentElement?.contains(event.relatedTarget)) {
          onCommit?.(sent());
        }
      }}
      onKeyDown={keyed(props, sent)}
      rightSection={
        framed(props).disabled ? undefined : (
          <Picker
            field={props.field}
            day={shown}
            onPick={(day) => {
              onChange(day);
              onCommit?.(day);
            }}
          />
        )
      }
    />
  );
}

function MomentEditor(props: EditorProps) {
  const { value, onChange, onCommit } = props;
  const [typed, setTyped] = useState(() => (value ? wallOf(plain(value)) : ""));
  useEffect(() => {
    // Another value came from outside: what is typed means something else.
    setTyped((text) =>
      plain(value) === sentOf(text, value) ? text : value ? wallOf(plain(value)) : "",
    );
  }, [value]);
  const change = (text: string) => {
    setTyped(text);
    onChange(sentOf(text, value) || null);
  };
  const wrong = typed !== "" && momentOf(typed) === null;
  return (
    <TextInput
      {...framed({
        ...props,
        fault: props.fault ?? (wrong ? t("fields.time_invalid") : undefined),
      })}
      description={props.inline ? undefined : t("fields.time_zone", { zone: zone() })}
      placeholder="2025-01-31 10:30"
      classNames={{ input: "tl-numbers" }}
      autoComplete="off"
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      onBlur={(event) => {
        if (!event.currentTarget.parentElement?.contains(event.relatedTarget)) {
          onCommit?.(sentOf(typed, value) || null);
        }
      }}
      onKeyDown={keyed(props, () => sentOf(typed, value) || null)}
      rightSection={
        framed(props).disabled ? undefined : (
          <Picker
            field={props.field}
            day={typed.slice(0, 10)}
            onPick={(day) => change(`${day} ${typed.slice(11) || "09:00"}`)}
          />
        )
      }
    />
  );
}

/** What is sent for a typed text: nothing new where it shows the value that is there. */
function sentOf(typed: string, value: unknown): string {
  if (value && typed === wallOf(plain(value))) {
    return plain(value);
  }
  return momentOf(typed) ?? typed;
}

export const date: KindOfField = { Cell: DateCell, Editor: DateEditor, text: plain };
export const datetime: KindOfField = { Cell: MomentCell, Editor: MomentEditor, text: plain };
