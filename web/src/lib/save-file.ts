/** Lets the browser save what the service answered, under the name that came with it. */
export function saveFile(content: Blob, disposition: string | null, fallback: string): void {
  const name = /filename="([^"]+)"/.exec(disposition ?? '')?.[1] ?? fallback;
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
