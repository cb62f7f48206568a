import { statSync } from 'node:fs';
import path from 'node:path';
import { packageExtension } from './build-package';
import { main } from './main';

main(async () => {
  const file = await packageExtension();
  console.log(`${path.relative(process.cwd(), file)}: ${(statSync(file).size / 1024 / 1024).toFixed(2)} MiB`);
});
