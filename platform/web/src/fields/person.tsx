import { Group, MultiSelect, Select } from "@mantine/core";
import { useMembers } from "@/api/queries";
import type { Member } from "@/api/types";
import { Avatar, Person } from "@/shared/Avatar";
import { t } from "@/text";
import { texts } from "./choice";
import { framed, keyed } from "./editing";
import { type CellProps, type EditorProps, isUnset, type KindOfField } from "./kind";
import { plain } from "./text";

export function nameOf(member: Member): string {
  return `${member.first_name} ${member.last_name}`.trim() || member.email;
}

/** What people are called, by their e-mails. */
export function useNames(workflow: string): (email: string) => string {
  const { data: members = [] } = useMembers(workflow);
  const names = new Map(members.map((member) => [member.email, nameOf(member)]));
  return (email) => names.get(email) ?? email;
}

function PersonCell({ value, workflow = "" }: CellProps) {
  const name = useNames(workflow);
  return isUnset(value) ? null : <Person email={plain(value)} name={name(plain(value))} />;
}

function PeopleCell({ value, workflow = "" }: CellProps) {
  const name = useNames(workflow);
  const people = texts(value);
  const [only] = people;
  if (people.length === 1 && only) {
    return <Person email={only} name={name(only)} />;
  }
  return (
    <Group component="span" gap={3} wrap="nowrap">
      {people.map((email) => (
        <Avatar key={email} tip email={email} name={name(email)} size={22} />
      ))}
    </Group>
  );
}

function usePeople({ workflow = "", value }: EditorProps) {
  const { data: members = [] } = useMembers(workflow);
  const known = new Set(members.map((member) => member.email));
  const others = texts(value).filter((email) => !known.has(email));
  return [
    ...members.map((member) => ({ value: member.email, label: nameOf(member) })),
    ...others.map((email) => ({ value: email, label: email })),
  ];
}

function renderOption({ option }: { option: { value: string; label: string } }) {
  return <Person email={option.value} name={option.label} />;
}

function PersonEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  return (
    <Select
      {...framed(props)}
      data={usePeople(props)}
      value={isUnset(value) ? null : plain(value)}
      onChange={(email) => {
        onChange(email);
        onCommit?.(email);
      }}
      onKeyDown={keyed({ ...props, onCommit: undefined }, () => value)}
      onBlur={() => onCommit?.(value)}
      searchable
      clearable={!field.required}
      clearButtonProps={{ "aria-label": t("fields.clear", { name: field.name }) }}
      defaultDropdownOpened={props.inline}
      nothingFoundMessage={t("fields.no_options")}
      renderOption={renderOption}
    />
  );
}

function PeopleEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  return (
    <MultiSelect
      {...framed(props)}
      data={usePeople(props)}
      value={texts(value)}
      onChange={onChange}
      onKeyDown={keyed({ ...props, onCommit: undefined }, () => value)}
      onBlur={() => onCommit?.(value)}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("fields.clear", { name: field.name }) }}
      hidePickedOptions
      nothingFoundMessage={t("fields.no_options")}
      renderOption={renderOption}
    />
  );
}

export const person: KindOfField = { Cell: PersonCell, Editor: PersonEditor, text: plain };
export const personList: KindOfField = {
  Cell: PeopleCell,
  Editor: PeopleEditor,
  text: (value) => texts(value).join(", "),
};
