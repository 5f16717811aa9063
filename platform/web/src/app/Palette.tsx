import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useStore } from "@/api/store";
import { t } from "@/text";
import { type Command, useEveryCommand } from "./commands";
import { paletteShown } from "./everywhere";

const [store, spotlight] = createSpotlight();
const MOST = 60;

/** The command palette: everything that can be gone to or done, found by typing. */
export default function Palette() {
  const shown = useStore(paletteShown);
  const commands = useEveryCommand();
  const [query, setQuery] = useState("");
  useEffect(() => {
    if (shown) {
      spotlight.open();
    } else {
      spotlight.close();
    }
  }, [shown]);
  const found = commands.filter((command) => fits(command, query)).slice(0, MOST);
  const groups = [...new Set(found.map((command) => command.group))];
  return (
    <Spotlight.Root
      store={store}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      attributes={{ content: { "aria-label": t("app.search") } }}
      scrollable
      maxHeight={420}
      onSpotlightClose={() => paletteShown.set(false)}
    >
      <Spotlight.Search
        placeholder={t("app.palette_placeholder")}
        aria-label={t("app.search")}
        leftSection={<IconSearch size={17} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {found
              .filter((command) => command.group === group)
              .map((command) => (
                <Spotlight.Action
                  key={command.id}
                  label={command.label}
                  leftSection={command.icon}
                  onClick={command.run}
                />
              ))}
          </Spotlight.ActionsGroup>
        ))}
        {found.length === 0 && <Spotlight.Empty>{t("app.palette_nothing")}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function fits(command: Command, query: string): boolean {
  const text = `${command.label} ${command.keywords ?? ""} ${command.group}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
