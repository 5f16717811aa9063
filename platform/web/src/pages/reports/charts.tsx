/** The charts of reports; loaded after their figures. */
import { BarChart } from "@mantine/charts";
import "@mantine/charts/styles.css";
import { count } from "@/text";

export interface Bar {
  name: string;
  color?: string;
  [series: string]: string | number | undefined;
}

interface Series {
  name: string;
  label: string;
  color: string;
}

interface Props {
  data: Bar[];
  series: Series[];
  /** One bar below another, for names that are words. */
  lying?: boolean;
  stacked?: boolean;
  format?: (value: number) => string;
}

const ROOM = 132;
const MOST = 20;
const LONGEST = 18;

/** Bars by name: one series in colours of their own, or several beside or upon each other. */
export default function Bars({ data, series, lying, stacked, format = count }: Props) {
  const few = lying ? data.slice(0, MOST) : data;
  const single = series.length === 1;
  return (
    <BarChart
      h="100%"
      data={few}
      dataKey="name"
      series={series}
      type={stacked ? "stacked" : "default"}
      orientation={lying ? "vertical" : "horizontal"}
      gridAxis={lying ? "y" : "x"}
      gridColor="var(--tl-line)"
      textColor="var(--tl-ink-muted)"
      tickLine="none"
      maxBarWidth={lying ? 22 : 34}
      withLegend={!single}
      withBarValueLabel={single && Boolean(lying)}
      withXAxis={!(single && lying)}
      valueFormatter={format}
      tooltipAnimationDuration={0}
      xAxisProps={lying ? { allowDecimals: false, tickFormatter: format } : {}}
      yAxisProps={
        lying
          ? { width: ROOM, interval: 0, tickFormatter: shortened }
          : { width: 48, allowDecimals: false, tickFormatter: format }
      }
      barProps={{ radius: stacked ? 0 : lying ? [0, 4, 4, 0] : [4, 4, 0, 0] }}
      barChartProps={{ accessibilityLayer: false, margin: { right: lying ? 44 : 8, top: 8 } }}
      legendProps={{ verticalAlign: "top", itemSorter: null }}
    />
  );
}

function shortened(name: string): string {
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}
