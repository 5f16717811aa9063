import "@mantine/dates/styles.css";
import { DatePicker } from "@mantine/dates";
import { today } from "./calendar";

/** A month to pick a day from; days are texts such as `2025-01-31`. */
export default function Month({
  day,
  onPick,
}: {
  day: string | null;
  onPick: (day: string) => void;
}) {
  return (
    <DatePicker
      value={day}
      defaultDate={day ?? today()}
      onChange={(picked) => picked && onPick(picked)}
      getDayProps={(each) => ({ autoFocus: each === (day ?? today()) })}
    />
  );
}
