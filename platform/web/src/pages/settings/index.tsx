import { IconInfoCircle, IconKey, IconPalette, IconUser, IconUsers } from "@tabler/icons-react";
import type { ComponentType } from "react";
import { NavLink, useParams } from "react-router";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { NotFound } from "@/app/NotFound";
import { Page } from "@/shared/Page";
import { type Key, t } from "@/text";
import { About } from "./About";
import { Appearance } from "./Appearance";
import { Keys } from "./Keys";
import { Profile } from "./Profile";
import classes from "./Settings.module.css";
import { Users } from "./Users";

interface Section {
  path: string;
  title: Key;
  icon: typeof IconUser;
  Body: ComponentType;
  forAdmins?: boolean;
}

const SECTIONS: readonly Section[] = [
  { path: "profile", title: "settings.profile", icon: IconUser, Body: Profile },
  { path: "appearance", title: "settings.appearance", icon: IconPalette, Body: Appearance },
  { path: "users", title: "settings.users", icon: IconUsers, Body: Users, forAdmins: true },
  { path: "keys", title: "settings.keys", icon: IconKey, Body: Keys, forAdmins: true },
  { path: "about", title: "settings.about", icon: IconInfoCircle, Body: About },
];

/** What can be set, section by section. */
export default function Settings() {
  const { section = "profile" } = useParams();
  const admin = useStore(session)?.user.role === "admin";
  const sections = SECTIONS.filter(({ forAdmins }) => admin || !forAdmins);
  const shown = sections.find(({ path }) => path === section);
  if (!shown) {
    return <NotFound />;
  }
  return (
    <Page narrow title={t("settings.title")}>
      <div className={classes.columns}>
        <nav className={classes.sections} aria-label={t("settings.sections")}>
          {sections.map(({ path, title, icon: Icon }) => (
            <NavLink
              key={path}
              to={`/settings/${path}`}
              className={classes.section}
              aria-current={path === section ? "page" : undefined}
            >
              <Icon size={17} stroke={1.7} aria-hidden />
              {t(title)}
            </NavLink>
          ))}
        </nav>
        <div className={classes.body}>
          <shown.Body />
        </div>
      </div>
    </Page>
  );
}
