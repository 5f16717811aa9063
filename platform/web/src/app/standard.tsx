/** The commands and shortcuts that there are on every page. */
import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import {
  IconChartBar,
  IconDeviceDesktop,
  IconKey,
  IconLayoutGrid,
  IconLayoutKanban,
  IconLogout,
  IconMoon,
  IconPlus,
  IconSettings,
  IconSun,
  IconTable,
} from "@tabler/icons-react";
import { useMemo } from "react";
import { useLocation, useNavigate } from "react-router";
import { useWorkflows } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { t } from "@/text";
import { type Command, useCommands } from "./commands";
import { cheatSheetShown, paletteShown } from "./everywhere";
import { currentWorkflow, workflowAddress } from "./places";
import { type Shortcut, useShortcuts } from "./shortcuts";
import { signOut } from "./signing";

const SIZE = 17;

export function useStandardCommands(): void {
  useCommands(usePlaces());
  useCommands(useDeeds());
  useShortcuts(useKeys());
}

function usePlaces(): Command[] {
  const navigate = useNavigate();
  const { data: workflows } = useWorkflows();
  return useMemo(() => {
    const go = (id: string, label: string, to: string, icon: React.ReactNode) => ({
      id: `go:${id}`,
      label,
      icon,
      group: t("app.palette_go"),
      run: () => navigate(to),
    });
    const places = (workflows ?? []).flatMap(({ id, name }) => [
      go(
        `${id}:table`,
        t("app.go_table", { name }),
        workflowAddress(id),
        <IconTable size={SIZE} />,
      ),
      go(
        `${id}:board`,
        t("app.go_board", { name }),
        workflowAddress(id, "board"),
        <IconLayoutKanban size={SIZE} />,
      ),
      go(
        `${id}:reports`,
        t("app.go_reports", { name }),
        workflowAddress(id, "reports"),
        <IconChartBar size={SIZE} />,
      ),
    ]);
    return [
      go("home", t("app.go_home"), "/", <IconLayoutGrid size={SIZE} />),
      ...places,
      go("settings", t("app.settings"), "/settings", <IconSettings size={SIZE} />),
      go("keys", t("app.keys"), "/settings/keys", <IconKey size={SIZE} />),
    ];
  }, [navigate, workflows]);
}

function useDeeds(): Command[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const admin = useStore(session)?.user.role === "admin";
  return useMemo(() => {
    const looks = t("app.palette_appearance");
    const deeds = t("app.palette_do");
    return [
      ...(admin
        ? [
            {
              id: "do:new-workflow",
              label: t("app.new_workflow"),
              icon: <IconPlus size={SIZE} />,
              group: deeds,
              run: () => navigate("/welcome"),
            },
          ]
        : []),
      {
        id: "do:sign-out",
        label: t("app.sign_out"),
        icon: <IconLogout size={SIZE} />,
        group: deeds,
        run: signOut,
      },
      {
        id: "looks:light",
        label: t("app.use_light"),
        icon: <IconSun size={SIZE} />,
        group: looks,
        run: () => setColorScheme("light"),
      },
      {
        id: "looks:dark",
        label: t("app.use_dark"),
        icon: <IconMoon size={SIZE} />,
        group: looks,
        run: () => setColorScheme("dark"),
      },
      {
        id: "looks:auto",
        label: t("app.use_system"),
        icon: <IconDeviceDesktop size={SIZE} />,
        group: looks,
        run: () => setColorScheme("auto"),
      },
    ];
  }, [admin, navigate, setColorScheme]);
}

function useKeys(): Shortcut[] {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme();
  const workflow = currentWorkflow(useLocation().pathname);
  return useMemo(() => {
    const group = t("app.cheat_everywhere");
    const to = (address: string) => () => navigate(address);
    const here = workflow
      ? [
          { keys: "g t", text: t("app.cheat_table"), group, run: to(workflowAddress(workflow)) },
          {
            keys: "g b",
            text: t("app.cheat_board"),
            group,
            run: to(workflowAddress(workflow, "board")),
          },
          {
            keys: "g r",
            text: t("app.cheat_reports"),
            group,
            run: to(workflowAddress(workflow, "reports")),
          },
        ]
      : [];
    return [
      {
        keys: "mod+k",
        text: t("app.cheat_palette"),
        group,
        always: true,
        run: () => paletteShown.set(!paletteShown.get()),
      },
      { keys: "?", text: t("app.cheat_help"), group, run: () => cheatSheetShown.set(true) },
      { keys: "g h", text: t("app.cheat_home"), group, run: to("/") },
      { keys: "g s", text: t("app.cheat_settings"), group, run: to("/settings") },
      ...here,
      {
        keys: "mod+shift+l",
        text: t("app.cheat_theme"),
        group,
        always: true,
        run: () => setColorScheme(scheme === "dark" ? "light" : "dark"),
      },
    ];
  }, [navigate, scheme, setColorScheme, workflow]);
}
