import { Kbd, Modal, SimpleGrid, Stack, Table, Title } from "@mantine/core";
import { Fragment } from "react";
import { useStore } from "@/api/store";
import { t } from "@/text";
import { cheatSheetShown, MOD } from "./everywhere";
import { type Shortcut, useEveryShortcut } from "./shortcuts";

/** Every shortcut that there is on this page. */
export default function CheatSheet() {
  const shown = useStore(cheatSheetShown);
  const shortcuts = useEveryShortcut();
  const groups = [...new Set(shortcuts.map((shortcut) => shortcut.group))];
  return (
    <Modal
      opened={shown}
      onClose={() => cheatSheetShown.set(false)}
      title={t("app.cheat_title")}
      size="lg"
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <SimpleGrid cols={{ base: 1, xs: Math.min(groups.length, 2) }}>
        {groups.map((group) => (
          <Stack key={group} gap="xs">
            <Title order={3}>{group}</Title>
            <Table verticalSpacing={6} horizontalSpacing={0}>
              <Table.Tbody>
                {shortcuts
                  .filter((shortcut) => shortcut.group === group)
                  .map((shortcut) => (
                    <Row key={shortcut.keys + shortcut.text} shortcut={shortcut} />
                  ))}
              </Table.Tbody>
            </Table>
          </Stack>
        ))}
      </SimpleGrid>
    </Modal>
  );
}

function Row({ shortcut }: { shortcut: Shortcut }) {
  return (
    <Table.Tr>
      <Table.Td>{shortcut.text}</Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: "nowrap" }}>
        {shortcut.keys.split(" ").map((part, index) => (
          <Fragment key={part}>
            {index > 0 && ` ${t("app.cheat_then")} `}
            {part.split("+").map((key) => (
              <Kbd key={key} size="xs" ml={3}>
                {named(key)}
              </Kbd>
            ))}
          </Fragment>
        ))}
      </Table.Td>
    </Table.Tr>
  );
}

function named(key: string): string {
  return key === "mod" ? MOD : key.length === 1 ? key.toUpperCase() : key;
}
