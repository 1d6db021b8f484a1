import type {
  CSSVariablesResolver,
  MantineColorsTuple,
  VariantColorsResolver,
} from "@mantine/core";
import {
  ActionIcon,
  Button,
  Checkbox,
  Input,
  Menu,
  Modal,
  Popover,
  Radio,
  SegmentedControl,
  Switch,
  Table,
  Tabs,
  Tooltip,
  createTheme,
  defaultVariantColorsResolver,
  rem,
} from "@mantine/core";
import type { Palette } from "./tokens.ts";
import { DARK, LIGHT, SIZE } from "./tokens.ts";

/** Mantine reads its dark neutrals by index: 0 text, 3 placeholder, 4 border, 6 raised, 7 body. */
const dark: MantineColorsTuple = [
  "#ebedef",
  "#cdd0d4",
  "#b7babf",
  "#999da4",
  "#383b41",
  "#2b2d32",
  "#222428",
  "#18191d",
  "#111315",
  "#0c0d0f",
];

const gray: MantineColorsTuple = [
  "#f4f5f7",
  "#eff0f3",
  "#e7e9ec",
  "#dcdee2",
  "#c8cbd0",
  "#9da1a8",
  "#636770",
  "#4f535b",
  "#2c3036",
  "#181b1f",
];

const CONTROL_HEIGHT = { xs: 24, sm: 28, md: 32, lg: 36 } as const;

function isControlSize(size: unknown): size is keyof typeof CONTROL_HEIGHT {
  return typeof size === "string" && size in CONTROL_HEIGHT;
}

function controlHeight(size: unknown): string {
  if (typeof size === "number") return rem(size);
  return rem(CONTROL_HEIGHT[isControlSize(size) ? size : "sm"]);
}

/** What stands beside a box, a dot or a switch: never below 12 px. */
const CHOICE_TEXT = {
  label: { fontSize: rem(12), lineHeight: rem(16) },
  description: {
    marginTop: rem(1),
    fontSize: rem(12),
    lineHeight: rem(17),
    color: "var(--lh-text-3)",
  },
};

/** Filled is ink, never a hue; `light` with `yellow` or `red` is kept for warnings and loss. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const plain = { hover: "var(--lh-selected)", hoverColor: "var(--lh-text)" };
  switch (input.variant) {
    case "filled":
      return {
        background: "var(--lh-ink)",
        hover: "var(--lh-ink-hover)",
        color: "var(--lh-on-ink)",
        border: "1px solid transparent",
      };
    case "default":
      return {
        ...plain,
        background: "var(--lh-hover)",
        color: "var(--lh-text)",
        border: "1px solid var(--lh-line-strong)",
      };
    case "subtle":
      return {
        ...plain,
        background: "transparent",
        color: "var(--lh-text-2)",
        border: "1px solid transparent",
      };
    case "danger":
      return {
        background: "var(--lh-danger-tint)",
        hover: "var(--lh-danger-tint)",
        color: "var(--lh-danger)",
        border: "1px solid var(--lh-danger)",
      };
    default:
      return defaultVariantColorsResolver(input);
  }
};

export const theme = createTheme({
  variantColorResolver,
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "Liberation Mono", monospace',
  colors: { dark, gray },
  primaryColor: "gray",
  primaryShade: { light: 9, dark: 1 },
  defaultRadius: "sm",
  cursorType: "default",
  respectReducedMotion: true,
  fontSizes: { xs: rem(11), sm: rem(12), md: rem(13), lg: rem(15), xl: rem(20) },
  lineHeights: { xs: "1.45", sm: "1.4", md: "1.4", lg: "1.35", xl: "1.25" },
  spacing: { xs: rem(4), sm: rem(8), md: rem(12), lg: rem(16), xl: rem(24) },
  radius: { xs: rem(3), sm: rem(6), md: rem(8), lg: rem(12), xl: rem(16) },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: rem(15), lineHeight: "1.35" },
      h2: { fontSize: rem(13), lineHeight: "1.4" },
      h3: { fontSize: rem(12), lineHeight: "1.4" },
    },
  },
  components: {
    Button: Button.extend({
      defaultProps: { size: "sm", variant: "default" },
      vars: (_theme, { size }) => ({
        root: {
          "--button-height": controlHeight(size),
          "--button-padding-x": rem(size === "md" ? 14 : 10),
          "--button-fz": rem(size === "md" ? 13 : 12),
        },
      }),
    }),
    ActionIcon: ActionIcon.extend({
      defaultProps: { size: "sm", variant: "subtle", color: "gray" },
      vars: (_theme, { size }) => ({ root: { "--ai-size": controlHeight(size) } }),
    }),
    Input: Input.extend({
      defaultProps: { size: "sm" },
      vars: (_theme, { size }) => ({
        wrapper: {
          "--input-height": controlHeight(size),
          "--input-fz": rem(12),
          "--input-bd-focus": "var(--lh-focus)",
        },
      }),
    }),
    InputWrapper: Input.Wrapper.extend({
      defaultProps: { size: "sm" },
      styles: {
        label: { marginBottom: rem(4), color: "var(--lh-text-2)" },
        description: { fontSize: rem(11), color: "var(--lh-text-3)" },
      },
    }),
    SegmentedControl: SegmentedControl.extend({
      defaultProps: { size: "sm", withItemsBorders: false, transitionDuration: 120 },
      vars: () => ({
        root: { "--sc-padding": `${rem(3.5)} ${rem(9)}`, "--sc-font-size": rem(12) },
      }),
      styles: { root: { padding: rem(2) } },
    }),
    Checkbox: Checkbox.extend({
      defaultProps: { size: "xs", radius: "xs" },
      vars: () => ({
        root: { "--checkbox-size": rem(15), "--checkbox-icon-color": "var(--lh-on-ink)" },
      }),
      styles: CHOICE_TEXT,
    }),
    Radio: Radio.extend({
      defaultProps: { size: "xs" },
      vars: () => ({
        root: { "--radio-size": rem(15), "--radio-icon-color": "var(--lh-on-ink)" },
      }),
      styles: CHOICE_TEXT,
    }),
    Switch: Switch.extend({
      defaultProps: { size: "xs", withThumbIndicator: false },
      classNames: { thumb: "lh-switch-thumb" },
      styles: CHOICE_TEXT,
    }),
    Table: Table.extend({
      defaultProps: {
        verticalSpacing: 0,
        horizontalSpacing: "sm",
        borderColor: "var(--lh-line)",
      },
      classNames: { th: "lh-th" },
    }),
    Tabs: Tabs.extend({
      styles: { tab: { padding: `${rem(8)} 0`, fontSize: rem(12) } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, fz: 11, radius: "sm" } }),
    Menu: Menu.extend({ defaultProps: { radius: "md", shadow: "var(--lh-shadow)", offset: 4 } }),
    Popover: Popover.extend({ defaultProps: { radius: "md", shadow: "var(--lh-shadow)" } }),
    Modal: Modal.extend({
      defaultProps: {
        radius: "lg",
        padding: "lg",
        closeButtonProps: { "aria-label": "Close" },
        shadow: "var(--lh-shadow)",
        overlayProps: { backgroundOpacity: 1, color: "var(--lh-scrim)" },
        transitionProps: { transition: "fade-down", duration: 140 },
      },
      styles: {
        content: { border: "1px solid var(--lh-line)" },
        title: { fontSize: rem(15), fontWeight: 600, letterSpacing: "-0.012em" },
        body: { paddingTop: rem(4) },
      },
    }),
  },
});

function paletteVariables(palette: Palette, scrim: string): Record<string, string> {
  return {
    "--lh-window": palette.window,
    "--lh-surface": palette.surface,
    "--lh-raised": palette.raised,
    "--lh-hover": palette.hover,
    "--lh-selected": palette.selected,
    "--lh-line": palette.line,
    "--lh-line-strong": palette.lineStrong,
    "--lh-text": palette.text,
    "--lh-text-2": palette.text2,
    "--lh-text-3": palette.text3,
    "--lh-ink": palette.ink,
    "--lh-ink-hover": palette.inkHover,
    "--lh-on-ink": palette.onInk,
    "--lh-focus": palette.focus,
    "--lh-shadow": palette.shadow,
    "--lh-scrim": scrim,
    "--lh-cache": palette.cache,
    "--lh-lan": palette.lan,
    "--lh-origin": palette.origin,
    "--lh-flight": palette.flight,
    "--lh-track": palette.track,
    "--lh-ok": palette.ok,
    "--lh-warn": palette.warn,
    "--lh-warn-fill": palette.warnFill,
    "--lh-on-warn": palette.onWarn,
    "--lh-warn-tint": palette.warnTint,
    "--lh-danger": palette.danger,
    "--lh-danger-tint": palette.dangerTint,
    "--mantine-color-body": palette.surface,
    "--mantine-color-text": palette.text,
    "--mantine-color-bright": palette.text,
    "--mantine-color-dimmed": palette.text2,
    "--mantine-color-placeholder": palette.text3,
    "--mantine-color-anchor": palette.focus,
    "--mantine-color-default": "transparent",
    "--mantine-color-default-hover": palette.hover,
    "--mantine-color-default-color": palette.text,
    "--mantine-color-default-border": palette.lineStrong,
    "--mantine-color-error": palette.danger,
    "--mantine-primary-color-filled": palette.ink,
    "--mantine-primary-color-filled-hover": palette.inkHover,
    "--mantine-primary-color-contrast": palette.onInk,
  };
}

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: Object.fromEntries(
    Object.entries(SIZE).map(([name, pixels]) => [`--lh-size-${name}`, rem(pixels)]),
  ),
  dark: paletteVariables(DARK, "rgba(8, 9, 11, 0.6)"),
  light: paletteVariables(LIGHT, "rgba(24, 27, 31, 0.28)"),
});
