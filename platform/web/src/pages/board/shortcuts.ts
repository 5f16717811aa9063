import { useMemo } from "react";
import { useNavigate } from "react-router";
import type { Workflow } from "@/api/types";
import { workflowAddress } from "@/app/places";
import { type Shortcut, useShortcuts } from "@/app/shortcuts";
import { t } from "@/text";

/** Name of the search box, by which the key `/` finds it. */
export const SEARCH = "board-search";

/** The keys of the board; those of cards are listed only, the cards listen to them. */
export function useBoardShortcuts(
  workflow: Workflow,
  creates: boolean,
  focusFirst: () => void,
): void {
  const navigate = useNavigate();
  useShortcuts(
    useMemo(() => {
      const group = t("board.keys");
      const own: Shortcut[] = [
        {
          keys: "/",
          text: t("board.search"),
          group,
          run: () => document.getElementById(SEARCH)?.focus(),
        },
        { keys: "c", text: t("board.key_first"), group, run: focusFirst },
        { keys: "Enter", text: t("board.key_open"), group },
        { keys: "Space", text: t("board.key_pick"), group },
        { keys: "Escape", text: t("board.key_cancel"), group },
        { keys: "←+→", text: t("board.key_columns"), group },
        { keys: "↑+↓", text: t("board.key_cards"), group },
        { keys: "m", text: t("board.key_menu"), group },
      ];
      const run = () => navigate(workflowAddress(workflow.id, "new"));
      return creates ? [{ keys: "n", text: t("board.new"), group, run }, ...own] : own;
    }, [workflow.id, creates, focusFirst, navigate]),
  );
}
