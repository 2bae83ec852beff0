// What was asked, kept in this browser tab for the next page: another encoder's of the same pictures, or this one loaded again.
// `of` says of which pictures. An upload is kept by its place on the server, which forgets it after an hour.

/** `value` as text, without what only this page can show. */
export const lasting = (value) => JSON.stringify(value, (name, inner) => (name === "preview" ? undefined : inner));

export function keep(what, of, value) {
  try {
    sessionStorage.setItem(`mrl-${what}`, lasting({ of, value }));
  } catch { /* storage that is off or full keeps nothing */ }
}

/** What was kept of these pictures; null when nothing was. */
export function kept(what, of) {
  try {
    const found = JSON.parse(sessionStorage.getItem(`mrl-${what}`));
    return found?.of === of ? found.value : null;
  } catch {
    return null;
  }
}

/** What the way to this page took along (see blocks.py: FOLLOW), once; nothing when one did not come by it. */
export function followed(what) {
  try {
    const found = sessionStorage.getItem(`mrl-follow-${what}`) ?? undefined;
    sessionStorage.removeItem(`mrl-follow-${what}`);
    return found;
  } catch {
    return undefined;
  }
}

/** Another encoder may have other examples: what was one there, and was called `label`, is asked in words here. */
export const asHere = (query, label, examples) => query.kind === "example" && examples[query.index] !== label ? { kind: "text", text: label } : query;

/** Where the picture of an upload is to be seen: on this page, or on the server. */
export const uploadAt = ({ preview, path }) => preview ?? `/gradio_api/file=${path}`;
