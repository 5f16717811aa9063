import { Menu, Text, useMantineColorScheme } from "@mantine/core";
import {
  IconBook,
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSettings,
  IconSun,
} from "@tabler/icons-react";
import type { ReactElement } from "react";
import { Link } from "react-router";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { t } from "@/text";
import { cheatSheetShown } from "./everywhere";
import { signOut } from "./signing";

const SCHEMES = [
  { value: "light", icon: IconSun, text: "app.theme_light" },
  { value: "dark", icon: IconMoon, text: "app.theme_dark" },
  { value: "auto", icon: IconDeviceDesktop, text: "app.theme_auto" },
] as const;

interface Props {
  opened: boolean;
  onChange: (opened: boolean) => void;
  children: ReactElement;
}

/** The menu of the account; it opens with its target. */
export default function AccountDropdown({ opened, onChange, children }: Props) {
  const user = useStore(session)?.user;
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  if (!user) {
    return null;
  }
  return (
    <Menu width={248} opened={opened} onChange={onChange}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        <Text px="sm" pt={6} size="sm" fw={600} truncate>
          {user.name}
        </Text>
        <Text px="sm" pb={6} size="xs" c="dimmed" truncate>
          {user.email}
        </Text>
        <Menu.Divider />
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={16} />}>
          {t("app.settings")}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconKeyboard size={16} />}
          onClick={() => cheatSheetShown.set(true)}
        >
          {t("app.shortcuts")}
        </Menu.Item>
        <Menu.Item component="a" href="/docs" target="_blank" leftSection={<IconBook size={16} />}>
          {t("app.api_docs")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("app.theme")}</Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
        >
          {SCHEMES.map(({ value, icon: Icon, text }) => (
            <Menu.RadioItem
              key={value}
              value={value}
              closeMenuOnClick={false}
              rightSection={<Icon size={16} aria-hidden />}
            >
              {t(text)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
          {t("app.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
