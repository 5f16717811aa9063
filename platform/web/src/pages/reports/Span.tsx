import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { isDay } from "@/fields/calendar";
import { t } from "@/text";
import { daysBefore, type Settings, todayIn } from "./asked";
import classes from "./Reports.module.css";

interface Props {
  settings: Settings;
  change: (part: Partial<Settings>) => void;
}

const SPANS = { all: null, "30": 29, "90": 89, "365": 364 } as const;

/** Which days reports are of, and in which time zone. */
export function Span({ settings, change }: Props) {
  const zones = useMemo(() => {
    const known = Intl.supportedValuesOf("timeZone");
    return [...new Set([settings.zone, "UTC", ...known])];
  }, [settings.zone]);
  const today = todayIn(settings.zone);
  const span = Object.entries(SPANS).find(([, days]) =>
    days === null
      ? !settings.from && !settings.to
      : settings.from === daysBefore(today, days) && !settings.to,
  );
  const choose = (name: string) => {
    const days = SPANS[name as keyof typeof SPANS];
    change({ from: days === null ? "" : daysBefore(today, days), to: "" });
  };
  const wrong = settings.from && settings.to && settings.to < settings.from;
  return (
    <div className={classes.span}>
      <SegmentedControl
        aria-label={t("reports.span")}
        size="sm"
        data={[
          { value: "30", label: t("reports.span_30") },
          { value: "90", label: t("reports.span_90") },
          { value: "365", label: t("reports.span_365") },
          { value: "all", label: t("reports.span_all") },
        ]}
        value={span?.[0] ?? ""}
        onChange={choose}
      />
      <Day name={t("reports.from")} value={settings.from} onChange={(from) => change({ from })} />
      <Day
        name={t("reports.to")}
        value={settings.to}
        fault={wrong ? t("reports.span_wrong") : undefined}
        onChange={(to) => change({ to })}
      />
      <Select
        aria-label={t("reports.zone")}
        className={classes.zone}
        searchable
        limit={60}
        data={zones}
        value={settings.zone}
        allowDeselect={false}
        onChange={(zone) => zone && change({ zone })}
      />
    </div>
  );
}

interface DayProps {
  name: string;
  value: string;
  fault?: string;
  onChange: (day: string) => void;
}

function Day({ name, value, fault, onChange }: DayProps) {
  return (
    <TextInput
      type="date"
      aria-label={name}
      leftSection={<span className={classes.dayName}>{name}</span>}
      leftSectionWidth={50}
      defaultValue={value}
      key={value}
      error={fault}
      onBlur={(event) => {
        const day = event.currentTarget.value;
        if (day !== value && (day === "" || isDay(day))) {
          onChange(day);
        }
      }}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}
