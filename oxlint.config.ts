import { defineConfig } from "oxlint";

/**
 * Layers of the engine, lowest first. A layer imports itself, those before it, and #shared. `calls`
 * is what engine.ts is made of: it may import all of them, and the ports of the host beside it.
 */
const ENGINE_LAYERS = [
  "flow",
  "bytes",
  "disk",
  "archives",
  "wire",
  "profiles",
  "stores",
  "parts",
  "cache",
  "models",
  "transfers",
];

const VIEW_PACKAGES = [
  "react",
  "react/**",
  "react-dom",
  "react-dom/**",
  "zustand",
  "zustand/**",
  "@mantine/**",
];
const SHELL_PACKAGES = ["electron", "electron/**", "electron-store"];

/** One override saying what files under `folder` may not import, and why. */
function forbid(folder: string, group: string[], message: string) {
  return {
    files: [`${folder}/**`],
    rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
  } as const;
}

const engineGroup = [
  ...SHELL_PACKAGES,
  ...VIEW_PACKAGES,
  "**/electron/**",
  "**/renderer/**",
  "**/cli/**",
  "**/sandbox/**",
];

export default defineConfig({
  plugins: ["typescript", "import", "react", "unicorn", "oxc"],
  categories: { correctness: "error", suspicious: "error" },
  ignorePatterns: ["out/**", "dist/**"],
  rules: {
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "import/consistent-type-specifier-style": ["error", "prefer-top-level"],
    "typescript/consistent-type-imports": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/only-throw-error": "error",
    "typescript/switch-exhaustiveness-check": "error",
    "unicorn/filename-case": ["error", { case: "kebabCase" }],
    "no-console": "error",
    complexity: ["warn", { max: 12, variant: "modified" }],
    "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
    "max-lines-per-function": ["warn", { max: 60, skipBlankLines: true, skipComments: true }],
    "max-params": ["error", { max: 4 }],
    "no-await-in-loop": "off",
    "react/react-in-jsx-scope": "off",
    "unicorn/consistent-function-scoping": "off",
  },
  overrides: [
    forbid(
      "shared",
      ["node:*", "#**", "../**", ...SHELL_PACKAGES, ...VIEW_PACKAGES],
      "shared/ is the contract: it imports zod and itself.",
    ),
    forbid("main", engineGroup, "main/ is plain Node; the shell and the CLI both host it."),
    ...ENGINE_LAYERS.map((layer, index) =>
      forbid(
        `main/${layer}`,
        [
          ...engineGroup,
          ...[...ENGINE_LAYERS.slice(index + 1), "calls"].map((above) => `**/${above}/**`),
          ...(index > ENGINE_LAYERS.indexOf("stores") ? ["**/stores/*/**"] : []),
          "**/engine.ts",
        ],
        `main/${layer}/ may import only ${["#shared", ...ENGINE_LAYERS.slice(0, index)].join(", ")}.`,
      ),
    ),
    forbid(
      "renderer",
      ["node:*", "#main/**", "**/main/**", "**/electron/**", "**/cli/**", ...SHELL_PACKAGES],
      "renderer/ reaches the engine only through #shared/client.ts.",
    ),
    forbid("electron", ["**/renderer/**", ...VIEW_PACKAGES], "A host never imports the view."),
    forbid(
      "cli",
      ["**/renderer/**", ...VIEW_PACKAGES, ...SHELL_PACKAGES],
      "The CLI runs without Electron.",
    ),
    forbid(
      "sandbox",
      ["#main/**", "**/main/**", "**/renderer/**", "**/electron/**", "**/cli/**", ...VIEW_PACKAGES],
      "sandbox/ is a server of its own; it shares only #shared with the engine.",
    ),
    forbid(
      "e2e",
      ["#main/**", "**/main/**", "**/renderer/**", "**/electron/**", "**/cli/**", "**/sandbox/**"],
      "Stories use the built program from outside, as a person does.",
    ),
    { files: ["cli/**"], rules: { "no-console": "off" } },
    { files: ["*.config.ts"], rules: { "import/no-default-export": "off" } },
    {
      files: ["**/*.test.ts", "**/*.test.tsx"],
      rules: { "typescript/no-unsafe-type-assertion": "off" },
    },
  ],
});
