import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ask } from "@/api/client";
import { zone } from "@/fields/calendar";
import { t } from "@/text";
import { Facts, Panel } from "./Panel";

interface Described {
  info: { version: string };
}

export function About() {
  const described = useQuery({
    queryKey: ["about"],
    queryFn: async ({ signal }) =>
      (await ask<Described>("GET", "/openapi.json", { signal })).data.info.version,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Panel title={t("app.name")} lead={t("settings.about_lead")}>
      <Facts
        of={[
          [t("settings.about_version"), described.data ?? "…"],
          [t("settings.about_licence"), t("settings.about_licence_name")],
          [t("settings.about_zone"), zone()],
          [
            t("settings.about_api"),
            <span key="api">
              {t("settings.about_api_text")}{" "}
              <Anchor href="/docs" target="_blank" inherit>
                /docs
              </Anchor>
            </span>,
          ],
        ]}
      />
    </Panel>
  );
}
