import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** The one-way rule: core ← protocol ← {postgres, sources} ← {vscode, cli} ← extension.ts. */
const layers = [
  {
    target: './src/core',
    from: ['./src/protocol', './src/postgres', './src/sources', './src/vscode', './src/cli', './src/extension.ts'],
  },
  {
    target: './src/protocol',
    from: ['./src/postgres', './src/sources', './src/vscode', './src/cli', './src/extension.ts'],
  },
  { target: ['./src/postgres', './src/sources'], from: ['./src/vscode', './src/cli', './src/extension.ts'] },
  { target: './src/postgres', from: './src/sources' },
  { target: './src/sources', from: './src/postgres' },
  { target: './src/vscode', from: ['./src/cli', './src/extension.ts'] },
  { target: './src/cli', from: ['./src/vscode', './src/extension.ts'] },
  { target: './webview', from: ['./src/postgres', './src/sources', './src/vscode', './src/cli', './src/extension.ts'] },
  { target: './src', from: ['./webview', './test', './scripts'] },
].map((zone) => ({
  ...zone,
  message: 'Imports go one way: core ← protocol ← {postgres, sources} ← {vscode, cli} ← extension.ts.',
}));

const only = (name, where) => ({
  name,
  message: `Only ${where} may import ${name}.`,
  allowTypeImports: name === 'vscode',
});
const restricted = (...paths) => ['error', { paths, patterns: [] }];
const vscodeOnly = only('vscode', 'src/vscode, src/extension.ts and the host tests');
const pgOnly = only('pg', 'src/postgres, the lab and the tests');
const toolkitOnly = only('@vscode/webview-ui-toolkit', 'webview/ui.ts');

export default tseslint.config(
  { ignores: ['dist', 'out', 'node_modules', '.vscode-test', 'test/fixtures', 'test/pictures'] },
  ...tseslint.configs.strictTypeChecked,
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './webview/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({ project: ['tsconfig.json', 'webview/tsconfig.json'] }),
      ],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: layers }],
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-restricted-imports': restricted(vscodeOnly, pgOnly, toolkitOnly),
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'max-lines': ['error', { max: 400 }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/vscode/**/*.ts', 'src/extension.ts', 'test/host/**/*.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': restricted(pgOnly, toolkitOnly) },
  },
  {
    files: [
      'src/postgres/**/*.ts',
      'test/lab/**/*.ts',
      'test/database/**/*.ts',
      'test/browser/**/*.ts',
      'test/bench/**/*.ts',
      'scripts/**/*.ts',
    ],
    rules: { '@typescript-eslint/no-restricted-imports': restricted(vscodeOnly, toolkitOnly) },
  },
  { files: ['test/host/**/*.ts'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
  { files: ['webview/ui.ts'], rules: { '@typescript-eslint/no-restricted-imports': restricted(vscodeOnly, pgOnly) } },
  { files: ['scripts/**', 'src/cli/**', 'test/**'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['**/*.mjs', '**/*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
