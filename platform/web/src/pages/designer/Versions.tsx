import { ActionIcon, Badge, Button, Drawer, Group } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { Loading } from "@/app/Loading";
import { Asked } from "@/shared/Asked";
import { Copy } from "@/shared/Copy";
import { When } from "@/shared/When";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { useVersions, type Version, versionText } from "./queries";
import { parsed, readable } from "./source";

const Json = lazy(() => import("./Json"));

interface Props {
  workflow: string;
  opened: boolean;
  onClose: () => void;
  onBack: (version: number) => void;
}

/** Every version with when and by whom; one is looked at, and gone back to by a plan. */
export function Versions({ workflow, opened, onClose, onBack }: Props) {
  const versions = useVersions(workflow, opened);
  const [looked, look] = useState<number | null>(null);
  return (
    <Drawer
      opened={opened}
      onClose={() => {
        look(null);
        onClose();
      }}
      position="right"
      size="min(620px, 100vw)"
      title={looked === null ? t("designer.versions") : t("designer.version", { number: looked })}
      closeButtonProps={{ "aria-label": t("shared.close") }}
      classNames={{
        content: classes.drawer,
        body: classes.drawerBody,
        title: classes.drawerTitle,
      }}
    >
      <Asked of={versions}>
        {(all) => {
          const newest = Math.max(...all.map((one) => one.version));
          return looked === null ? (
            <ul className={classes.versions}>
              {all
                .toSorted((one, other) => other.version - one.version)
                .map((one) => (
                  <VersionRow
                    key={one.version}
                    version={one}
                    newest={one.version === newest}
                    onLook={() => look(one.version)}
                    onBack={() => onBack(one.version)}
                  />
                ))}
            </ul>
          ) : (
            <Looked
              workflow={workflow}
              version={looked}
              newest={looked === newest}
              onLeave={() => look(null)}
              onBack={() => onBack(looked)}
            />
          );
        }}
      </Asked>
    </Drawer>
  );
}

function VersionRow(props: {
  version: Version;
  newest: boolean;
  onLook: () => void;
  onBack: () => void;
}) {
  const { version, newest, onLook, onBack } = props;
  const who = version.by ?? version.origin ?? t("designer.by_server");
  return (
    <li className={classes.version}>
      <div className={classes.grow}>
        <b>{t("designer.version", { number: version.version })}</b>
        {newest && (
          <Badge color="loom" ml="xs" className={classes.newBadge}>
            {t("designer.in_force")}
          </Badge>
        )}
        <p className={classes.muted}>
          <When at={version.at} /> · {who}
        </p>
      </div>
      <Button size="compact-sm" variant="default" onClick={onLook}>
        {t("designer.look")}
        <span className="tl-hidden"> {version.version}</span>
      </Button>
      {!newest && (
        <Button size="compact-sm" variant="default" onClick={onBack}>
          {t("designer.go_back")}
          <span className="tl-hidden"> {version.version}</span>
        </Button>
      )}
    </li>
  );
}

function Looked(props: {
  workflow: string;
  version: number;
  newest: boolean;
  onLeave: () => void;
  onBack: () => void;
}) {
  const { workflow, version, newest, onLeave, onBack } = props;
  const file = useQuery({
    queryKey: ["versions", workflow, version],
    queryFn: ({ signal }) => versionText(workflow, version, signal),
  });
  return (
    <>
      <Group gap="xs" className={classes.lookedHead}>
        <ActionIcon aria-label={t("shared.back")} onClick={onLeave}>
          <IconArrowLeft size={17} aria-hidden />
        </ActionIcon>
        <span className={classes.grow} />
        {file.data !== undefined && <Copy text={file.data} />}
        {!newest && (
          <Button size="compact-sm" onClick={onBack}>
            {t("designer.go_back")}
          </Button>
        )}
      </Group>
      <Asked of={file}>{(text) => <Text text={text} />}</Asked>
    </>
  );
}

function Text({ text }: { text: string }) {
  const laid = useMemo(() => readable(text), [text]);
  const read = useMemo(() => parsed(laid), [laid]);
  return (
    <div className={classes.lookedText}>
      <Suspense fallback={<Loading />}>
        <Json
          text={laid}
          parsed={read}
          faults={[]}
          shown={[]}
          readOnly
          onChange={() => undefined}
        />
      </Suspense>
    </div>
  );
}
