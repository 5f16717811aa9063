import {
  IconAt,
  IconBraces,
  IconCalendar,
  IconCalendarTime,
  IconChecklist,
  IconChevronDown,
  IconCoin,
  IconHash,
  IconLetterT,
  IconLink,
  IconList,
  IconListCheck,
  IconNumber123,
  IconPaperclip,
  IconPercentage,
  IconPhone,
  IconRubberStamp,
  IconSquareCheck,
  IconTextPlus,
  IconUser,
  IconUsers,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { FieldKind } from "./kinds";

const ICONS: Record<FieldKind, ComponentType<{ size?: number; stroke?: number }>> = {
  text: IconLetterT,
  longText: IconTextPlus,
  email: IconAt,
  phone: IconPhone,
  url: IconLink,
  number: IconNumber123,
  integer: IconHash,
  percent: IconPercentage,
  currency: IconCoin,
  date: IconCalendar,
  datetime: IconCalendarTime,
  singleSelect: IconChevronDown,
  multipleSelect: IconListCheck,
  checkbox: IconSquareCheck,
  person: IconUser,
  personList: IconUsers,
  textList: IconList,
  file: IconPaperclip,
  checklist: IconChecklist,
  approvalSteps: IconRubberStamp,
  json: IconBraces,
};

export function KindIcon({ kind, size = 16 }: { kind: FieldKind; size?: number }) {
  const Icon = ICONS[kind];
  return <Icon size={size} stroke={1.7} aria-hidden />;
}
