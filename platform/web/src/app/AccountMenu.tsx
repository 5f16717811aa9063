import { UnstyledButton } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { Avatar } from "@/shared/Avatar";
import { t } from "@/text";

const AccountDropdown = lazy(() => import("./AccountDropdown"));

/** Who is signed in; what there is to do about it is loaded when it is asked for. */
export function AccountMenu() {
  const user = useStore(session)?.user;
  const [opened, setOpened] = useState(false);
  const [needed, setNeeded] = useState(false);
  if (!user) {
    return null;
  }
  const button = (
    <UnstyledButton
      aria-label={t("app.account", { name: user.name })}
      aria-haspopup="menu"
      style={{ borderRadius: "50%" }}
      onClick={() => {
        if (!needed) {
          setNeeded(true);
          setOpened(true);
        }
      }}
    >
      <Avatar email={user.email} name={user.name} size={30} />
    </UnstyledButton>
  );
  return needed ? (
    <Suspense fallback={button}>
      <AccountDropdown opened={opened} onChange={setOpened}>
        {button}
      </AccountDropdown>
    </Suspense>
  ) : (
    button
  );
}
