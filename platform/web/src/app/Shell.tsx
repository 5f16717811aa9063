import { AppShell, Burger, Group, Kbd, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { lazy, useEffect } from "react";
import { Outlet, useLocation } from "react-router";
import { useLive } from "@/live/feed";
import { t } from "@/text";
import { AccountMenu } from "./AccountMenu";
import { Brand } from "./Brand";
import { cheatSheetShown, MOD, paletteShown } from "./everywhere";
import { Later } from "./Later";
import { Navigation } from "./Navigation";
import classes from "./Shell.module.css";
import { useShortcutKeys } from "./shortcuts";
import { useStandardCommands } from "./standard";

const Palette = lazy(() => import("./Palette"));
const CheatSheet = lazy(() => import("./CheatSheet"));

/** What stands around every page: navigation, top bar, palette, shortcuts, live updates. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  useShortcutKeys();
  useStandardCommands();
  useLive();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the navigation
  useEffect(close, [pathname, close]);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 244, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={0}
    >
      <a href="#content" className={classes.skip}>
        {t("app.skip")}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="md" gap="sm" wrap="nowrap" justify="space-between">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t(opened ? "app.close_navigation" : "app.open_navigation")}
            />
            <Brand />
          </Group>
          <UnstyledButton
            className={classes.search}
            onClick={() => paletteShown.set(true)}
            title={t("app.search")}
          >
            <IconSearch size={15} aria-hidden />
            {t("app.search_short")}
            <Kbd size="xs">{MOD} K</Kbd>
          </UnstyledButton>
          <AccountMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} component="nav" aria-label={t("app.navigation")}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main className={classes.main} id="content" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
      <Later when={paletteShown}>
        <Palette />
      </Later>
      <Later when={cheatSheetShown}>
        <CheatSheet />
      </Later>
    </AppShell>
  );
}
