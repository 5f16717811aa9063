import { SegmentedControl, Stack, Text, useMantineColorScheme } from "@mantine/core";
import type { ReactNode } from "react";
import { type Density, setDensity, useDensity } from "@/app/density";
import { t } from "@/text";
import { Panel } from "./Panel";

export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const density = useDensity();
  return (
    <Panel title={t("settings.appearance")} lead={t("settings.appearance_lead")}>
      <Stack gap="lg">
        <Choice title={t("settings.colours")}>
          <SegmentedControl
            size="sm"
            aria-label={t("settings.colours")}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as typeof colorScheme)}
            data={[
              { value: "light", label: t("app.theme_light") },
              { value: "dark", label: t("app.theme_dark") },
              { value: "auto", label: t("app.theme_auto") },
            ]}
          />
        </Choice>
        <Choice title={t("settings.density")} text={t("settings.density_text")}>
          <SegmentedControl
            size="sm"
            aria-label={t("settings.density")}
            value={density}
            onChange={(value) => setDensity(value as Density)}
            data={[
              { value: "comfortable", label: t("settings.density_comfortable") },
              { value: "compact", label: t("settings.density_compact") },
            ]}
          />
        </Choice>
      </Stack>
    </Panel>
  );
}

function Choice({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <div>
      <Text size="sm" fw={600} mb={2}>
        {title}
      </Text>
      {text && (
        <Text size="sm" c="dimmed" mb={8}>
          {text}
        </Text>
      )}
      {children}
    </div>
  );
}
