/** A path without `.` and `..`. */
export function normalized(path: string): string {
  const segments: string[] = [];
  for (const [index, segment] of path.split('/').entries()) {
    if (segment === '..' && segments.length > 1) segments.pop();
    else if (index === 0 || (segment !== '' && segment !== '.' && segment !== '..')) segments.push(segment);
  }
  return segments.join('/');
}
