/** Keys and commands of the table: some are only listed, the grid itself listens to them. */
import { useMemo } from "react";
import { type Command, useCommands } from "@/app/commands";
import { type Shortcut, useShortcuts } from "@/app/shortcuts";
import { type Key, t } from "@/text";
import { FORMATS, type Format } from "./exporting";

interface Deeds {
  onNew: () => void;
  onSearch: () => void;
  onFilter: () => void;
  onExport: (format: Format) => void;
}

const OF_THE_GRID: readonly [string, Key][] = [
  ["Enter", "table.key_edit"],
  ["Tab", "table.key_tab"],
  ["Escape", "table.key_cancel"],
  ["Space", "table.key_select"],
  ["mod+a", "table.key_all"],
  ["shift+ArrowDown", "table.key_mark"],
  ["mod+c", "table.key_copy"],
  ["mod+v", "table.key_paste"],
  ["Delete", "table.key_clear"],
  ["o", "table.key_open"],
];

export function useTableKeys({ onNew, onSearch, onFilter, onExport }: Deeds): void {
  const shortcuts = useMemo<Shortcut[]>(() => {
    const group = t("table.key_group");
    return [
      { keys: "n", text: t("table.key_new"), group, run: onNew },
      { keys: "/", text: t("table.key_search"), group, run: onSearch },
      { keys: "f", text: t("table.key_filter"), group, run: () => onFilter() },
      ...OF_THE_GRID.map(([keys, key]) => ({ keys, text: t(key), group })),
    ];
  }, [onNew, onSearch, onFilter]);
  useShortcuts(shortcuts);
  const commands = useMemo<Command[]>(() => {
    const group = t("table.key_group");
    return [
      { id: "table:new", label: t("table.key_new"), group, run: onNew },
      { id: "table:filter", label: t("table.key_filter"), group, run: () => onFilter() },
      ...FORMATS.map((format) => ({
        id: `table:${format}`,
        label: t("table.key_export", { format: format.toUpperCase() }),
        group,
        run: () => onExport(format),
      })),
    ];
    // Exports are made from what is shown when they are asked for.
  }, [onNew, onFilter, onExport]);
  useCommands(commands);
}
