/** Every kind of field: how it is shown, edited and told as text. */
import type { Field, Kind } from "@/api/types";
import { approvalSteps } from "./approval";
import { checklist } from "./checklist";
import { checkbox, multipleSelect, singleSelect } from "./choice";
import { file } from "./file";
import { type CellProps, type EditorProps, isUnset, type KindOfField } from "./kind";
import { link } from "./link";
import { textList } from "./lists";
import { date, datetime } from "./moment";
import { currency, integer, number, percentKind } from "./number";
import { person, personList } from "./person";
import { json } from "./structure";
import { email, longText, phone, text, uniqueId, url } from "./text";

const KINDS: Record<Kind, KindOfField> = {
  text,
  longText,
  number,
  integer,
  percent: percentKind,
  currency,
  date,
  datetime,
  person,
  personList,
  singleSelect,
  multipleSelect,
  textList,
  checkbox,
  uniqueId,
  email,
  phone,
  url,
  file,
  json,
  checklist,
  approvalSteps,
  link,
};

export function kindOf(field: Pick<Field, "type">): KindOfField {
  return KINDS[field.type] ?? text;
}

/** Shows a value; nothing where it is unset. */
export function Cell(props: CellProps) {
  const { Cell: Shown } = kindOf(props.field);
  return isUnset(props.value) ? null : <Shown {...props} />;
}

/** Edits a value. */
export function Editor(props: EditorProps) {
  const { Editor: Edited } = kindOf(props.field);
  return <Edited {...props} />;
}

export { type CellProps, type EditorProps, isUnset, type KindOfField } from "./kind";
