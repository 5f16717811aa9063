import { ActionIcon, Anchor, Group, Input, Loader, Stack, Text } from "@mantine/core";
import { IconDownload, IconFile, IconPaperclip, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { fileAddress, uploadFiles } from "@/api/queries";
import type { FileValue } from "@/api/types";
import { DropZone } from "@/shared/DropZone";
import { told } from "@/shared/notices";
import { t } from "@/text";
import { framed } from "./editing";
import type { CellProps, EditorProps, KindOfField } from "./kind";

export function filesOf(value: unknown): FileValue[] {
  return Array.isArray(value) ? (value as FileValue[]) : [];
}

function FileCell({ value }: CellProps) {
  const files = filesOf(value);
  const [first] = files;
  if (!first) {
    return null;
  }
  return (
    <Group component="span" gap={4} wrap="nowrap">
      <IconPaperclip size={15} aria-hidden style={{ flex: "none" }} />
      {files.length === 1 ? (
        <Anchor href={fileAddress(first)} target="_blank" rel="noreferrer" inherit truncate>
          {first.filename}
        </Anchor>
      ) : (
        <span title={files.map((file) => file.filename).join("\n")}>
          {t("fields.files", { count: files.length })}
        </span>
      )}
    </Group>
  );
}

const IMAGE = /^image\/(png|jpeg|gif|webp|avif)$/;

function Entry(props: { file: FileValue; onRemove?: () => void }) {
  const { file, onRemove } = props;
  const preview = IMAGE.test(file.contentType ?? "");
  return (
    <Group gap="xs" wrap="nowrap">
      {preview ? (
        <img
          src={fileAddress(file)}
          alt=""
          width={36}
          height={36}
          style={{ objectFit: "cover", borderRadius: 5, flex: "none" }}
        />
      ) : (
        <IconFile size={20} stroke={1.6} aria-hidden style={{ flex: "none" }} />
      )}
      <Text size="sm" truncate style={{ flex: 1 }}>
        {file.filename}
      </Text>
      <ActionIcon
        component="a"
        href={fileAddress(file)}
        download={file.filename}
        aria-label={t("fields.download", { name: file.filename })}
      >
        <IconDownload size={16} />
      </ActionIcon>
      {onRemove && (
        <ActionIcon
          onClick={onRemove}
          aria-label={t("fields.remove_file", { name: file.filename })}
        >
          <IconX size={16} />
        </ActionIcon>
      )}
    </Group>
  );
}

function FileEditor(props: EditorProps) {
  const { value, field, onChange, onCommit } = props;
  const files = filesOf(value);
  const [coming, setComing] = useState<string[]>([]);
  const [failures, setFailures] = useState<string[]>([]);
  const { disabled, description } = framed(props);
  const set = (next: FileValue[]) => {
    onChange(next);
    onCommit?.(next);
  };
  const add = async (chosen: File[]) => {
    setFailures([]);
    setComing(chosen.map((file) => file.name));
    const added: FileValue[] = [];
    for (const file of chosen) {
      try {
        added.push(...(await uploadFiles([file])));
      } catch (failure) {
        const message = t("fields.upload_failed", { name: file.name, message: told(failure) });
        setFailures((others) => [...others, message]);
      }
    }
    setComing([]);
    set([...files, ...added]);
  };
  const full = typeof field.limit === "number" && files.length >= field.limit;
  return (
    <Input.Wrapper
      label={props.inline ? undefined : field.name}
      labelElement="div"
      required={props.required ?? field.required}
      description={description}
      error={props.fault}
    >
      <Stack gap={6} mt={4}>
        {files.map((file) => (
          <Entry
            key={file.blobId}
            file={file}
            onRemove={
              disabled
                ? undefined
                : () => set(files.filter((other) => other.blobId !== file.blobId))
            }
          />
        ))}
        {coming.map((name) => (
          <Group key={name} gap="xs" role="status">
            <Loader size="xs" />
            <Text size="sm">{t("fields.uploading", { name })}</Text>
          </Group>
        ))}
        {failures.map((message) => (
          <Text key={message} size="xs" c="var(--mantine-color-error)" role="alert">
            {message}
          </Text>
        ))}
        {!disabled && !full && (
          <DropZone
            multiple={field.limit !== 1}
            label={`${t("fields.add_files")}: ${field.name}`}
            onFiles={add}
          />
        )}
      </Stack>
    </Input.Wrapper>
  );
}

export const file: KindOfField = {
  Cell: FileCell,
  Editor: FileEditor,
  large: true,
  text: (value) =>
    filesOf(value)
      .map((one) => one.filename)
      .join(", "),
};
