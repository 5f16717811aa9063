/** How Taskloom looks: every colour, size and radius is said here, once. */
import { type CSSVariablesResolver, createTheme } from "@mantine/core";

const LOOM = [
  "#eefaf7",
  "#d9f2ec",
  "#b3e4d9",
  "#86d2c4",
  "#56bbab",
  "#2f9f90",
  "#158278",
  "#0b6e66",
  "#095a54",
  "#074541",
] as const;

/** Warm greys: paper rather than steel. */
const GRAY = [
  "#faf9f7",
  "#f4f2ef",
  "#eae7e2",
  "#dcd8d1",
  "#c5bfb6",
  "#a39c92",
  "#7d766d",
  "#5c564f",
  "#3c3833",
  "#23201d",
] as const;

const DARK = [
  "#dedbd6",
  "#b9b5ae",
  "#98948d",
  "#6b6761",
  "#4a4742",
  "#3a3733",
  "#2c2a27",
  "#232120",
  "#1c1b19",
  "#151412",
] as const;

export const theme = createTheme({
  primaryColor: "loom",
  primaryShade: { light: 7, dark: 7 },
  colors: { loom: [...LOOM], gray: [...GRAY], dark: [...DARK] },
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.35" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "md",
  radius: { xs: "3px", sm: "5px", md: "7px", lg: "11px", xl: "18px" },
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  // Plain objects: what a page does not use is not loaded for the sake of its defaults.
  components: {
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Badge: { defaultProps: { radius: "sm", variant: "light" } },
    Button: { defaultProps: { size: "sm" } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.35 } } },
    Input: { defaultProps: { size: "sm" } },
    InputWrapper: { defaultProps: { size: "sm" } },
    // What would take the focus first has no place among the items of a menu.
    Menu: {
      defaultProps: {
        shadow: "md",
        position: "bottom-end",
        withInitialFocusPlaceholder: false,
      },
    },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.35 }, radius: "lg" },
    },
    Paper: { defaultProps: { radius: "lg" } },
    Popover: { defaultProps: { shadow: "md" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Tooltip: {
      defaultProps: { openDelay: 400, events: { hover: true, focus: true, touch: false } },
    },
  },
});

/** Our own tokens; styles use these and no colour of their own. */
export const tokens: CSSVariablesResolver = () => ({
  variables: {
    "--tl-row": "34px",
    "--tl-page-gutter": "24px",
    "--tl-top": "52px",
    "--tl-navigation": "244px",
  },
  light: {
    "--tl-canvas": "#f7f5f2",
    "--tl-surface": "#ffffff",
    "--tl-sunken": "#f1eeea",
    "--tl-hover": "#edeae5",
    "--tl-selected": "#dff1ec",
    "--tl-line": "#e4e0da",
    "--tl-line-strong": "#cdc7be",
    "--tl-ink": "#23201d",
    "--tl-ink-muted": "#625c54",
    "--tl-accent": "#0b6e66",
    "--tl-shadow": "0 1px 2px rgb(40 32 20 / 6%), 0 4px 16px rgb(40 32 20 / 5%)",
    "--mantine-color-body": "#ffffff",
    "--mantine-color-text": "#23201d",
    "--mantine-color-dimmed": "#625c54",
    "--mantine-color-placeholder": "#716a61",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-anchor": "#0b6e66",
    "--mantine-color-default-border": "#d5d0c8",
  },
  dark: {
    "--tl-canvas": "#171614",
    "--tl-surface": "#1f1d1b",
    "--tl-sunken": "#1a1917",
    "--tl-hover": "#2a2825",
    "--tl-selected": "#15332f",
    "--tl-line": "#322f2c",
    "--tl-line-strong": "#4a4742",
    "--tl-ink": "#e9e6e1",
    "--tl-ink-muted": "#aaa59d",
    "--tl-accent": "#56bbab",
    "--tl-shadow": "0 1px 2px rgb(0 0 0 / 35%), 0 6px 20px rgb(0 0 0 / 25%)",
    "--mantine-color-body": "#1f1d1b",
    "--mantine-color-text": "#e9e6e1",
    "--mantine-color-dimmed": "#aaa59d",
    "--mantine-color-placeholder": "#9a958d",
    "--mantine-color-error": "#ff9d94",
    "--mantine-color-anchor": "#6fcabb",
    "--mantine-color-default-border": "#45413d",
  },
});
